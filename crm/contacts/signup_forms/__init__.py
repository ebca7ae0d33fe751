"""Sign-up forms that staff make: each with its own questions, topics, words and source, for the site and for others."""
