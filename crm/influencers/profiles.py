"""Profiles of influencers: added by hand, edited, or taken from a source."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import select

from crm.accounts.models import User
from crm.base.changes import Collision, apply, lock, plain
from crm.contacts import sources
from crm.contacts.merging import former
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import access, history, keeping_out
from crm.influencers.models import FormerImportKey, Influencer, ProfileChange
from crm.influencers.offices.terms import Seats, Term
from crm.influencers.stages import table

SECTORS = {
    "policy": "Policy",
    "employer": "Employer",
    "educator": "Educator",
    "regulator": "Regulator",
    "service_provider": "Service provider",
    "funder": "Funder",
    "expert": "Subject-matter expert",
    "media": "Media",
}
NAMES = ("first_name", "last_name")
OF_CONTACT = frozenset({*NAMES, "organization_name"})

Outcome = Literal["created", "updated", "unchanged"]


@dataclass(frozen=True)
class Facts:
    """What a source says about one person.

    `profile` and `person` are fields of Influencer and Contact that follow the source;
    `beginnings` are set once, when the influencer is made, and belong to the staff from then on. `term` is the office
    that the person holds, `seats` those on committees; None where the source does not speak of them.
    """

    external_id: str
    email: str | None
    person: Mapping[str, str]
    profile: Mapping[str, Any]
    beginnings: Mapping[str, Any] = field(default_factory=dict)
    term: Term | None = None
    seats: Seats | None = None

    @property
    def key(self) -> str:
        """The digest of what tells people apart in a source: its id, or the e-mail, or else name and organization."""
        name = " ".join(self.person.get(part, "") for part in NAMES)
        words = self.external_id or self.email or f"{name}\n{self.person.get('organization_name', '')}".casefold()
        return digest(words)


def digest(words: str) -> str:
    """Return by which import key a source's own words for somebody are kept."""
    return hashlib.sha256(words.encode()).hexdigest()


def add(contact: Contact, values: Mapping[str, Any], user: User | None) -> Influencer:
    """Make the contact an influencer with these values, and return it; the one that there is, where there is one."""
    if existing := of(contact):
        return existing
    stage = table.settle(values.get("stage")).key
    influencer = Influencer(contact=contact, version=1, **{**values, "stage": stage})
    db.session.add(influencer)
    db.session.flush()
    history.tell(influencer, "influencer", "Became an influencer", user)
    return influencer


def of(contact: Contact) -> Influencer | None:
    """Return the contact's influencer profile."""
    return db.session.scalar(select(Influencer).where(Influencer.contact_id == contact.id)) if contact.id else None


def new_contact(email: str | None, person: Mapping[str, str], source: tuple[str, str]) -> Contact:
    """Return the contact of that address (its own names stand), or a new one, of that kind and label of source."""
    contact = former.with_address(email) if email else None
    if contact is None:
        contact = Contact(email=email, source_id=sources.find_or_make(*source).id, **person)
        db.session.add(contact)
        db.session.flush()
    return contact


def edit(
    influencer: Influencer, values: Mapping[str, Any], user: User | None, expected_version: int
) -> ProfileChange | None:
    """Set the values of profile and person, and return what changed; None where nothing did.

    Raises Collision where somebody else edited the profile after that version.
    """
    lock(influencer)
    if missed := edits_since(influencer, expected_version):
        raise Collision(missed)
    return _write(influencer, values, user)


def edits_since(influencer: Influencer, version: int) -> list[ProfileChange]:
    """Return the edits made after that version, oldest first."""
    query = select(ProfileChange).where(ProfileChange.influencer_id == influencer.id, ProfileChange.version > version)
    return list(db.session.scalars(query.order_by(ProfileChange.id)))


def somebody_else(facts: Facts, user: User | None = None) -> Influencer | None:
    """Return whom the id in these facts means here, where neither the name nor the e-mail of the facts is theirs."""
    known = _of_source(facts, user) if facts.external_id else None
    if known is None or (facts.email and facts.email == known.contact.email):
        return None
    present = {name: getattr(known.contact, name) for name in NAMES}
    return None if _spoken(facts.person) in (_spoken(present), _spoken(known.imported_facts)) else known


def take_facts(facts: Facts, source: str, basis: str, user: User | None = None) -> Outcome:
    """Make or update the influencer of these facts, among those whom the user sees, and tell which.

    Only what the source changed since it was read last is written, so edits by hand stay; where it
    was never read before, only what is still blank. Nothing is written of who asked to be forgotten.
    """
    if _is_part_of_another(facts, user) or keeping_out.is_kept_out(facts.key):
        return "unchanged"
    influencer, stated = _known(facts, user), _stated(facts)
    if influencer is None:
        _make(facts, stated, source, basis)
        return "created"
    changed = _write(influencer, _news(influencer, facts), None)
    if stated != influencer.imported_facts:
        influencer.imported_facts = {**influencer.imported_facts, **stated}
    _take_keys(influencer, facts)
    return "updated" if changed else "unchanged"


def foresee(facts: Facts, user: User | None = None) -> Outcome:
    """Tell what `take_facts` would come to, and change nothing."""
    if _is_part_of_another(facts, user) or keeping_out.is_kept_out(facts.key):
        return "unchanged"
    influencer = _known(facts, user)
    if influencer is None:
        return "created"
    news = _news(influencer, facts).items()
    return "updated" if any(plain(_present(influencer, name)) != plain(value) for name, value in news) else "unchanged"


def _make(facts: Facts, stated: dict[str, Any], source: str, basis: str) -> None:
    """Make the influencer, where the contact is not one whom only others see."""
    contact = new_contact(facts.email, facts.person, ("import", source))
    if of(contact) is None:
        values = {"basis": basis, **facts.profile, **facts.beginnings, "imported_from": source}
        _take_keys(add(contact, {**values, "imported_facts": stated}, None), facts)


def _stated(facts: Facts) -> dict[str, Any]:
    return {name: plain(value) for name, value in {**facts.person, **facts.profile}.items()}


def _news(influencer: Influencer, facts: Facts) -> dict[str, Any]:
    told, before = {**facts.person, **facts.profile}, influencer.imported_facts
    if before:
        return {name: value for name, value in told.items() if plain(value) != before.get(name)}
    return {name: value for name, value in told.items() if not _present(influencer, name)}


def _take_keys(influencer: Influencer, facts: Facts) -> None:
    """Let the next import find the influencer, by what nobody else has: others may keep the person for themselves."""
    keys = {"external_id": influencer.external_id or facts.external_id or None, "import_key": facts.key}
    for name, key in keys.items():
        if key and getattr(influencer, name) != key:
            taken = select(Influencer.id).where(getattr(Influencer, name) == key, Influencer.id != influencer.id)
            if db.session.scalar(taken) is None:
                setattr(influencer, name, key)
    db.session.flush()


def _known(facts: Facts, user: User | None) -> Influencer | None:
    """Return whom the source means, though staff may have changed the name or the e-mail since it was read."""
    if known := _of_source(facts, user):
        return known
    if facts.email:
        contact = former.with_address(facts.email)
        mine = select(Influencer).where(access.influencers(user))
        return db.session.scalar(mine.where(Influencer.contact_id == contact.id)) if contact else None
    return None if facts.external_id else _of_that_name(facts, user)


def _is_part_of_another(facts: Facts, user: User | None) -> bool:
    """Tell whether the source means a profile that was merged into another one that the user sees, whose own stand."""
    other = select(FormerImportKey.key).join(Influencer).where(FormerImportKey.key == facts.key)
    return db.session.scalar(other.where(access.influencers(user))) is not None


def _of_source(facts: Facts, user: User | None) -> Influencer | None:
    of_source = Influencer.import_key == facts.key
    if facts.external_id:
        of_source |= Influencer.external_id == facts.external_id
    return db.session.scalar(select(Influencer).where(of_source, access.influencers(user)))


def _of_that_name(facts: Facts, user: User | None) -> Influencer | None:
    person = [getattr(Contact, name) == value for name, value in facts.person.items()]
    seen = select(Influencer).where(access.influencers(user)).join(Contact)
    namesakes = db.session.scalars(seen.where(Contact.email.is_(None), *person))
    # Whom the source knows by another name is somebody else, whom staff call so now.
    return next((one for one in namesakes if _names(one.imported_facts) in ({}, _names(facts.person))), None)


def _names(told: Mapping[str, str]) -> dict[str, str]:
    return {name: told[name] for name in NAMES if name in told}


def _spoken(told: Mapping[str, Any]) -> str:
    return " ".join(" ".join(str(told.get(name, "")) for name in NAMES).casefold().split())


def _present(influencer: Influencer, name: str) -> Any:
    return getattr(influencer.contact if name in OF_CONTACT else influencer, name)


def _write(influencer: Influencer, values: Mapping[str, Any], user: User | None) -> ProfileChange | None:
    changed = apply(influencer, {name: value for name, value in values.items() if name not in OF_CONTACT})
    changed |= apply(influencer.contact, {name: value for name, value in values.items() if name in OF_CONTACT})
    if not changed:
        return None
    influencer.version += 1
    change = ProfileChange(
        influencer_id=influencer.id, user_id=user.id if user else None, changes=changed, version=influencer.version
    )
    db.session.add(change)
    if "organization_id" in changed:
        history.follow(influencer)
    db.session.flush()
    return change
