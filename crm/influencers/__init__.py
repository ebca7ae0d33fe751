"""People who can move the agenda: stages, asks, interactions."""
