"""Supporters: consent, subscriptions, timeline, segments."""
