"""What people are asked to do in public: petitions, sign-on letters, share kits, forms; and what came of it."""
