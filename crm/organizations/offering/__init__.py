"""What member organizations do for people: what they say of themselves, and their services."""
