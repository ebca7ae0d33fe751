"""What staff do to a contact by hand: add, change, unsubscribe on request, lift a hard bounce."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm.base import audit
from crm.contacts import consent, joining, leaving, sources, status, subscriptions, timeline, wordings
from crm.contacts.forgetting import forgetting
from crm.contacts.merging import former
from crm.contacts.models import Contact, Topic
from crm.contacts.topics import default_topic
from crm.delivery import suppression
from crm.extensions import db

PROFILE = ("first_name", "last_name", "organization_name", "phone", "city", "state", "zip_code", "language", "zone")
METHOD = "staff"
ASK, GIVEN, NOTHING = "ask", "given", "none"


class Refused(ValueError):
    """The change is not possible; the message says why."""


@dataclass(frozen=True)
class NewContact:
    """Somebody whom staff add: `how` is ask (for confirmation by mail), given (then with the reason) or none."""

    email: str
    profile: Mapping[str, str]
    topics: Sequence[str] = ()
    how: str = ASK
    reason: str = ""


def add(new: NewContact) -> Contact:
    """Put somebody on record; raises Refused where the address is on record already, or suppressed."""
    if new.email and (known := with_email(new.email)):
        raise Refused(f"{new.email} is on record already: {known.name}.")
    if new.email and forgetting.was_forgotten(new.email):
        raise Refused("The person with this address asked to be forgotten, and is not put on record again.")
    if new.how != NOTHING and not new.email:
        raise Refused("Without an e-mail address nobody can be subscribed. Choose “only keep the person on record”.")
    if new.how != NOTHING and (blocked := suppression.reasons(new.email)):
        why = ", ".join(sorted({status.REASONS[reason] for reason in blocked.values()}))
        raise Refused(
            f"This address gets no mail from us ({why}) and cannot be subscribed. "
            "Choose “only keep the person on record”; who has unsubscribed can sign up again on the website."
        )
    source = sources.find_or_make("staff", "Added by staff")
    if new.how == ASK:
        _ask(new, source.id)
    contact = with_email(new.email) if new.how == ASK else None
    if contact is None:
        contact = Contact(email=new.email or None, source_id=source.id)
        db.session.add(contact)
    for name, text in new.profile.items():
        setattr(contact, name, text)
    db.session.flush()
    timeline.record(contact, METHOD, "Added by staff")
    if new.how == GIVEN:
        _activate(contact, new)
    audit.record("add", "contact", contact.id, reason=new.reason)
    return contact


def change(contact: Contact, profile: Mapping[str, str]) -> None:
    """Change the profile, and write down what it was before."""
    changes = {name: [getattr(contact, name), text] for name, text in profile.items() if getattr(contact, name) != text}
    for name, (_, text) in changes.items():
        setattr(contact, name, text)
    if changes:
        audit.record("edit", "contact", contact.id, profile=changes)


def changed_meanwhile(contact: Contact, was: Mapping[str, str]) -> dict[str, str]:
    """Return what somebody else has changed since a form was opened: field -> present value."""
    return {name: getattr(contact, name) for name in PROFILE if name in was and getattr(contact, name) != was[name]}


def unsubscribe(contact: Contact, topic: Topic | None, reason: str) -> None:
    """Unsubscribe somebody who asked for it in another way than by the link."""
    leaving.unsubscribe(contact, topic, method=METHOD, place=f"asked for: {reason}")
    audit.record("unsubscribe", "contact", contact.id, reason=reason, topic=topic.slug if topic else "*")


def lift_bounce(contact: Contact, reason: str) -> None:
    """Let an address whose mail bounced get mail again; what the person had left stays left. Raises Refused."""
    address = contact.email or ""
    if suppression.reasons(address).get(suppression.EVERY_LIST) != "hard_bounce":
        raise Refused("Only a hard bounce can be lifted by staff.")
    suppression.lift(address, suppression.EVERY_LIST, by=audit.actor(), reason=reason)
    states = subscriptions.states(contact)
    if subscriptions.ACTIVE not in states.values():
        # The bounce stood over an unsubscribe from all mail, if there was one: only a double opt-in lifts that.
        suppression.suppress(address, leaving.REASON)
    for slug, state in states.items():
        if state == subscriptions.UNSUBSCRIBED:
            suppression.suppress(address, leaving.REASON, slug)
    timeline.record(contact, METHOD, f"The block of the address after a bounce was lifted: {reason}")


def with_email(email: str) -> Contact | None:
    """Return the contact who has that address, in its normal form, or had it before a merge."""
    return former.with_address(email)


def _ask(new: NewContact, source_id: int) -> None:
    language = new.profile.get("language") or "en"
    wording = wordings.current(language)
    joining.ask(
        joining.Request(
            email=new.email,
            topics=subscriptions.named(new.topics) or [default_topic()],
            language=language,
            wording_id=wording.id if wording else None,
            form_id=f"staff:{secrets.token_hex(8)}",
            source_id=source_id,
            place="added by staff",
            network=METHOD,
        )
    )


def _activate(contact: Contact, new: NewContact) -> None:
    if not new.reason.strip():
        raise Refused("Write down how and when the person agreed.")
    chosen = subscriptions.named(new.topics) or [default_topic()]
    evidence = {"statement": new.reason.strip()}
    consent.activate(contact, chosen, method=METHOD, evidence=evidence, place="added by staff", actor=audit.actor())
    timeline.record(contact, "consent", "Made active by staff: " + ", ".join(topic.name() for topic in chosen))
