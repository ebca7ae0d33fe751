"""Where people come from: what they did, by source and by the member that brought them, and the goal for the public."""
