"""Briefings: one printed page for whoever goes to see an influencer."""
