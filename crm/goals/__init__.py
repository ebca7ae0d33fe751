"""Goals, pace and forecast; other subjects register what can be counted."""
