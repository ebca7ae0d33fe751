"""Offices apart from the persons who hold them: holders over time, who works there, seats, asks to hand over."""
