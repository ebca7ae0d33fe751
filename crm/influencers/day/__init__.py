"""My day: what is due, who is met, who has gone stale; and logging quickly."""
