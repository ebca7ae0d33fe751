"""Gets messages to addresses; knows no contact and no mailing."""
