"""Writing a mailing as blocks: the form, its history, its languages, and who else has it open."""
