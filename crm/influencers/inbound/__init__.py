"""Copies of mail that staff send to a signed address of their own, logged as interactions."""
