"""Constituents: confirmed supporters by the state and district they live in."""
