"""Writing down what an import came to; see crm.transfer.intake for the rules."""

from collections.abc import Sequence

from sqlalchemy import insert, select

from crm.base import clock
from crm.base.database import insert_into
from crm.contacts import consent, leaving, sources, subscriptions
from crm.contacts.custom_fields import answers
from crm.contacts.models import Contact, Subscription, Tag, TimelineEntry, contact_tag
from crm.delivery import suppression
from crm.extensions import db
from crm.transfer.intake import Terms, Verdict

METHOD = "import"


def write(verdicts: Sequence[Verdict], terms: Terms) -> None:
    """Make the changes of these verdicts; whoever judged them still holds the transaction."""
    verdicts = [verdict for verdict in verdicts if not verdict.left_out]
    _make_contacts(verdicts, terms)
    _fill_in(verdicts)
    _tag([verdict for verdict in verdicts if verdict.tags])
    answers.keep_all([(_id(verdict), verdict.answers) for verdict in verdicts if verdict.answers])
    _activate([verdict for verdict in verdicts if verdict.activate], terms)
    _take_out([verdict for verdict in verdicts if verdict.leave], terms)
    _tell(verdicts, terms)
    db.session.flush()


def _make_contacts(verdicts: Sequence[Verdict], terms: Terms) -> None:
    new = [verdict for verdict in verdicts if verdict.contact is None]
    if not new:
        return
    source_id = sources.find_or_make("import", f"{terms.label} import").id
    for verdict in new:
        verdict.contact = Contact(email=verdict.row.email, source_id=source_id, **verdict.fills)
    db.session.add_all([verdict.contact for verdict in new])
    db.session.flush()


def _fill_in(verdicts: Sequence[Verdict]) -> None:
    for verdict in verdicts:
        for name, text in verdict.fills.items():
            setattr(verdict.contact, name, text)


def _tag(verdicts: Sequence[Verdict]) -> None:
    names = sorted({tag for verdict in verdicts for tag in verdict.tags})
    if not names:
        return
    known = _tag_ids(names)
    missing = [{"name": name} for name in names if name not in known]
    if missing:
        db.session.execute(insert_into(Tag).on_conflict_do_nothing(), missing)
        known = _tag_ids(names)
    # Two rows may be about one person: by the address of today, and by one that was given up in a merge.
    pairs = {(_id(verdict), known[tag]) for verdict in verdicts for tag in verdict.tags}
    rows = [{"contact_id": contact_id, "tag_id": tag_id} for contact_id, tag_id in sorted(pairs)]
    db.session.execute(insert(contact_tag), rows)


def _tag_ids(names: Sequence[str]) -> dict[str, int]:
    return {name: tag_id for tag_id, name in db.session.execute(select(Tag.id, Tag.name).where(Tag.name.in_(names)))}


def _activate(verdicts: Sequence[Verdict], terms: Terms) -> None:
    grants = [
        consent.Grant(verdict.contact, verdict.activate, verdict.evidence, verdict.row.at)
        for verdict in verdicts
        if verdict.contact is not None
    ]
    if grants:
        consent.activate_all(grants, method=METHOD, place=f"{terms.label}: {terms.filename}", actor=terms.actor)


def _take_out(verdicts: Sequence[Verdict], terms: Terms) -> None:
    if not verdicts:
        return
    topics = subscriptions.named(terms.topics)
    left = [
        {"contact_id": _id(verdict), "topic_id": topic.id, "state": subscriptions.UNSUBSCRIBED, "since": clock.now()}
        for verdict in verdicts
        for topic in topics
    ]
    if left:
        db.session.execute(insert_into(Subscription).on_conflict_do_nothing(), left)
    for verdict in verdicts:
        if verdict.contact is not None and verdict.outcome["updated"]:
            leaving.unsubscribe(verdict.contact, None, method=METHOD, place=f"{terms.label}: {terms.filename}")
    suppression.suppress_all({verdict.row.email: verdict.leave for verdict in verdicts})


def _tell(verdicts: Sequence[Verdict], terms: Terms) -> None:
    changed = [verdict for verdict in verdicts if not verdict.outcome["unchanged"]]
    if changed:
        told = {"at": clock.now(), "kind": METHOD, "url": terms.url, "actor": terms.actor}
        title = f"Imported from {terms.filename} ({terms.label})"
        db.session.execute(
            insert(TimelineEntry), [{**told, "contact_id": _id(verdict), "title": title} for verdict in changed]
        )


def _id(verdict: Verdict) -> int:
    if verdict.contact is None:
        raise ValueError("the contact of this verdict was not made")
    return verdict.contact.id
