"""Pictures of actions: shown on their pages and where these are shared; a share kit offers them to take."""
