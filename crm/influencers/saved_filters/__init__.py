"""Filters of the ledger that somebody has saved under a name."""
