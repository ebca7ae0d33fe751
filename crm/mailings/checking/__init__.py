"""What is looked at before a mailing goes, beyond its own words: links, colors, habits of spam, the sender."""
