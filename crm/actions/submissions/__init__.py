"""Forms that people fill in: their story, a request, a survey; with questions that staff choose."""
