"""Designs: how mailings look, edited once by an admin and used by all."""
