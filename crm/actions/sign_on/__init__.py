"""Letters that organizations sign: by an authorized person, accepted by the staff, handed over to an influencer."""
