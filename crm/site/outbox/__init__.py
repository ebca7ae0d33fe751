"""The pages of delivery: the outbox, uncertain copies, limits; and its metrics."""
