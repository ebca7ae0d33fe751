"""Comparing two versions of a mailing among a part of its people, before the rest get the better one (A/B test)."""
