"""Snoozes: influencers who are silent for a known reason, until a day."""
