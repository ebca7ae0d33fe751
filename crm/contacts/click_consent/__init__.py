"""The agreement of a subscriber to be seen: which links of our mail they follow."""
