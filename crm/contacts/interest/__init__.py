"""Still interested? Who has done nothing for a year is asked, and rests without an answer."""
