"""Where influencers stand on each campaign: champion, supporter, neutral, skeptic, opponent."""
