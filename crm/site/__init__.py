"""Public home page, setup, the staff dashboard, navigation, errors."""
