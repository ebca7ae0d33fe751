"""Stories: those that staff write and those that people sent, in one list."""
