"""Blocks: what a mailing is made of."""
