"""The news: posts, and the mailings of the archive, as one list and one feed."""
