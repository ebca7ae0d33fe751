"""Who knows whom among the sample people, and what is proposed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from crm.accounts.models import User
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers.models import Influencer
from crm.influencers.network.acquaintances import BY_STAFF
from crm.influencers.network.models import Acquaintance, InfluencerProposal
from crm.site.demo.coalition import Stage

STAFF_KNOW = (("Okonkwo", "Reyes-Whitfield"), (5, 2), ("colleague", "studied"))
MEMBERS_KNOW = (("Bright", "Delacroix"), (3, 4), ("board", "client"))


@dataclass(frozen=True)
class Cast:
    """Those who know each other here."""

    stage: Stage
    influencers: dict[str, Contact]
    supporters: Sequence[Contact]

    @property
    def author(self) -> User | None:
        return self.stage.staff[0] if self.stage.staff else None


def add(stage: Stage, made: Sequence[Influencer], supporters: Sequence[Contact]) -> None:
    """Add acquaintances, so that ways of one to three steps are shown, and one proposal of each kind."""
    cast = Cast(stage, {one.contact.last_name: one.contact for one in made}, supporters[:4])
    for user, name, strength, kind in zip(stage.staff, *STAFF_KNOW, strict=False):
        _know(cast, cast.influencers[name], strength, kind, knower_user_id=user.id)
    for member, name, strength, kind in zip(stage.members, *MEMBERS_KNOW, strict=False):
        _know(cast, cast.influencers[name], strength, kind, knower_organization_id=member.id)
    nurse, alumna, neighbor, author = cast.supporters
    if cast.author:
        _know(cast, nurse, 5, "friend", knower_user_id=cast.author.id)
    _know(cast, cast.influencers["Vance"], 4, "board", knower_contact_id=nurse.id)
    _know(cast, alumna, 4, "studied", knower_contact_id=nurse.id)
    _know(cast, cast.influencers["Sundaram"], 3, "colleague", knower_contact_id=alumna.id)
    _propose(cast, cast.influencers["Haas"], neighbor)
    reason = "Three people of the same organization read the report on licensing."
    db.session.add(InfluencerProposal(contact=author, source="Library", source_key="demo:report", why=reason))
    db.session.flush()


def _know(cast: Cast, contact: Contact, strength: int, kind: str, **knower: int) -> None:
    row = Acquaintance(contact_id=contact.id, strength=strength, kind=kind, source=BY_STAFF, **knower)
    row.entered_by_id = cast.author.id if cast.author else None
    row.last_contact_on = cast.stage.today - timedelta(days=15 * (7 - strength))
    db.session.add(row)


def _propose(cast: Cast, contact: Contact, knower: Contact) -> None:
    row = Acquaintance(contact_id=contact.id, knower_contact_id=knower.id, strength=3, kind="neighbor")
    row.state, row.source, row.source_key = "proposed", "Sign-up", "demo:neighbor"
    db.session.add(row)
