"""To whom the letters and calls of an action go: their channels, and the look-up of representatives by ZIP code."""
