"""Consent to pass on name and address to one named member of the coalition."""
