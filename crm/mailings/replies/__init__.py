"""Replies to mailings: one inbox that the staff share, and answers from there."""
