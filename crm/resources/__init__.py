"""The thought-leadership library: papers, recordings, recommendations, and who has used them."""
