"""Photos of influencers: made small, and without what a camera writes into them."""
