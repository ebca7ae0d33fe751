"""Tests of a mailing: single copies to reviewers, before it goes to everybody."""
