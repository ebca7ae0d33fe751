"""Questions that staff add to forms, and what people answered."""
