"""The coalition itself, other organizations, and which of them are members."""
