"""The communications calendar: what goes out and what is due by day, moving it, what overlaps, a feed of it."""
