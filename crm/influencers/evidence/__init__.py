"""Files that show what came of an ask."""
