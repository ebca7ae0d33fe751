"""Staff users: login, roles and permissions."""
