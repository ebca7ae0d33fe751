"""The report of asks: what was asked, what came of it, and what was won."""
