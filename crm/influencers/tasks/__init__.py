"""Tasks: something due about an influencer, and who does it."""
