"""Letters and calls to targets: what people write and do, how it is sent and paced, and what staff see of it."""
