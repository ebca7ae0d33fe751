"""Choosing who gets a mailing: what is wanted, the form that asks for it, and how many that are while one chooses."""
