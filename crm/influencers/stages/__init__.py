"""How far a relationship has come: stages that an admin names, orders, adds and removes."""
