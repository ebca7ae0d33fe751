"""The report of a mailing: people first, and every number opens its rows."""
