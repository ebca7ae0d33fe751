"""Before a mailing goes: a second person approves it, its size is confirmed, and for minutes it can be taken back."""
