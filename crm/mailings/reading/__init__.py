"""What becomes of a mailing once it is there: who follows its links, people told apart from robots."""
