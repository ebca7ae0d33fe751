"""Who takes part in interactions: several contacts, several of the staff; and what is edited later."""
