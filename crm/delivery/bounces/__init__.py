"""What comes back: bounces and complaints, read, attributed to a delivery, and judged."""
