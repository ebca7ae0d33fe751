"""Technical assistance: organizations ask for it in public, and staff see to it, by themselves or by a member."""
