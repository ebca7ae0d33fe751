"""Forgetting a person who asked for it."""
