"""How the public site looks, and what stands in its menu."""
