"""Share kits: ready texts that people pass on, with links that credit whoever did."""
