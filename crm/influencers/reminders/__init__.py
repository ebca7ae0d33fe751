"""Reminders: the owner of an ask is told before it is due, and once it is late."""
