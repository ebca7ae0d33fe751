"""Pictures for mailings: made small and clean, kept in the instance folder, shown to whoever has the address."""
