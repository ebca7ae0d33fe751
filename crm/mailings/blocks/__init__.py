"""Blocks: what a mailing is made of, how it is checked, and how it becomes a mail."""
