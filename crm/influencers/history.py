"""What the timeline of the person says of an influencer; of a member's own, to the staff of that member alone."""

from crm.accounts.models import User
from crm.contacts import timeline
from crm.influencers.models import Influencer


def tell(influencer: Influencer, kind: str, title: str, user: User | None) -> None:
    """Write one entry, which leads to the profile."""
    timeline.record(
        influencer.contact,
        kind,
        title,
        url=f"/staff/influencers/{influencer.id}",
        actor=user.email if user else None,
        private=influencer.organization_id is not None,
        organization_id=influencer.organization_id,
    )
