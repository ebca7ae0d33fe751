"""Support behind an ask: who stands behind it in the influencer's state, district or sector."""
