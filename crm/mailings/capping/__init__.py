"""The frequency cap: at most so many mailings in so many days for one contact, and whom it left out of which."""
