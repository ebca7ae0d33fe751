"""Copies of mail: logged as interactions where it is clear with whom they are, else kept until their user says so."""

import hashlib
import json
import re
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, String, cast, func, or_, select, update

from crm.accounts.models import User
from crm.base import clock
from crm.base.changes import Refused
from crm.base.database import insert_into
from crm.extensions import db
from crm.influencers import access, interactions
from crm.influencers.inbound.models import InboundMail
from crm.influencers.inbound.reading import Copy
from crm.influencers.inbound.recognizing import MOST_RECEIVERS, recognized
from crm.influencers.inbound.signed import ADDRESS
from crm.influencers.models import Influencer, Interaction
from crm.influencers.participants import people, telling
from crm.influencers.participants.people import People

LOGGED, UNSORTED, DISCARDED = "logged", "unsorted", "discarded"
AGAIN, IGNORED, REFUSED, FULL = "again", "ignored", "refused", "full"
# Of replies: for staff to read, set aside because a machine wrote it, one too many of its sender.
KEPT, ASIDE, DROPPED = "kept", "aside", "dropped"
NOBODY, ELSE = "nobody", "else"
WHY = {NOBODY: "Names nobody on record", ELSE: "From somebody else"}
MOST_UNSORTED = 500  # Of one user. Others may write to the address, and shall not fill the database.
EXCERPT = 400  # characters


@dataclass(frozen=True)
class Outcome:
    """What became of a copy: logged, unsorted, again (it was there), ignored (a machine wrote it), refused, full.

    Of a reply: kept, aside (a machine wrote it), again, dropped (its sender sends too many); reply_id: where it is.
    """

    state: str
    user: str = ""
    interaction_id: int | None = None
    reply_id: int | None = None


def take(copy: Copy, user: User) -> Outcome:
    """Keep a copy for its user, once however often it comes. The caller commits."""
    if copy.machine:
        return Outcome(IGNORED, user.email)
    if waiting(user) >= MOST_UNSORTED:
        return Outcome(FULL, user.email)
    found = recognized(copy, user)
    mail = _insert(copy, user, found)
    if mail is None:
        return Outcome(AGAIN, user.email)
    if mail.why:
        return Outcome(UNSORTED, user.email)
    _log(mail, found, people.written(found), user)
    return Outcome(LOGGED, user.email, mail.interaction_id)


def assign(mail: InboundMail, typed: str, user: User) -> Interaction:
    """Log mail that waited, with those named; raises Refused, also where it does not wait any more."""
    found = people.find(typed, user)
    if not found.contacts:
        raise Refused("Name at least one person on record whom the mail is with.", people.FIELD)
    waits = update(InboundMail).where(InboundMail.id == mail.id, InboundMail.state == UNSORTED)
    if not db.session.execute(waits.values(state=LOGGED)).rowcount:  # type: ignore[attr-defined]
        raise Refused("This mail is sorted already.", people.FIELD)
    return _log(mail, found, typed, user)


def discard(mail: InboundMail) -> bool:
    """Forget a mail for good, and the interaction that it was logged as; False where that was done."""
    mine = update(InboundMail).where(InboundMail.id == mail.id, InboundMail.state != DISCARDED)
    gone = {"subject": "", "sender": "", "text": "", "quoted": "", "receivers": [], "attached": []}
    interaction = mail.interaction
    done = db.session.execute(mine.values(state=DISCARDED, interaction_id=None, **gone))
    if interaction is not None:
        telling.forget(interaction)
        db.session.delete(interaction)
    return bool(done.rowcount)  # type: ignore[attr-defined]


def forget(addresses: Collection[str]) -> None:
    """Discard what waits and names one of these addresses, and take them off what is logged with somebody else."""
    gone = {people.normal(one) for one in addresses}
    written = func.lower(InboundMail.sender + " " + cast(InboundMail.receivers, String))
    # SQLite keeps JSON in ASCII.
    named = (written.contains(form, autoescape=True) for one in gone for form in {one, json.dumps(one)[1:-1]})
    for mail in db.session.scalars(select(InboundMail).where(InboundMail.state != DISCARDED, or_(*named))):
        if mail.state == UNSORTED:
            discard(mail)
        else:
            mail.sender = "" if people.normal(mail.sender) in gone else mail.sender
            mail.receivers = [one for one in mail.receivers if people.normal(one) not in gone]
    db.session.flush()


def find(mail_id: int, user: User) -> InboundMail | None:
    """Return a mail, where it is the user's own; one that is logged, while the user belongs to whose log it is in."""
    query = select(InboundMail).outerjoin(InboundMail.interaction)
    still = InboundMail.interaction_id.is_(None) | access.own_interactions(user)
    return db.session.scalar(query.where(InboundMail.id == mail_id, InboundMail.user_id == user.id, still))


def of(interaction: Interaction) -> InboundMail | None:
    """Return the mail that an interaction is of; for those who may read the interaction."""
    return db.session.scalar(select(InboundMail).where(InboundMail.interaction_id == interaction.id))


def unsorted(user: User) -> Select[InboundMail]:
    """Return the select of the mails that wait for the user, the newest first."""
    mine = select(InboundMail).where(InboundMail.user_id == user.id, InboundMail.state == UNSORTED)
    return mine.order_by(InboundMail.id.desc())


def waiting(user: User) -> int:
    """Return how many mails wait for the user."""
    query = select(func.count()).where(InboundMail.user_id == user.id, InboundMail.state == UNSORTED)
    return db.session.scalar(query) or 0


def summary(subject: str, text: str, quoted: str) -> str:
    """Return what the log says of a mail: its subject, and how it begins."""
    whole = re.sub(r"\n\s*\n", "\n", text.strip() or quoted.strip())
    short = whole if len(whole) <= EXCERPT else f"{whole[: EXCERPT - 1].rstrip()}…"
    return f"{subject or '(no subject)'}\n{short}".strip()


def _insert(copy: Copy, user: User, found: People) -> InboundMail | None:
    """Write a copy down; None where it was before."""
    why = ELSE if people.normal(copy.sender) != people.normal(user.email) else "" if found.contacts else NOBODY
    row = {
        "user_id": user.id,
        "digest": hashlib.sha256(f"{user.id}:{copy.digest}".encode()).hexdigest(),
        "state": UNSORTED if why else LOGGED,
        "why": why,
        "received_at": clock.now(),
        "written_at": copy.written_at,
        "sender": copy.sender[:254],
        "receivers": [one for one in (*copy.receivers, *copy.forwarded) if not ADDRESS.match(one)][:MOST_RECEIVERS],
        "subject": copy.subject,
        "text": copy.text,
        "quoted": copy.quoted,
        "attached": list(copy.attached),
    }
    new = insert_into(InboundMail).values(row).on_conflict_do_nothing().returning(InboundMail.id)
    number = db.session.execute(new).scalar()
    return db.session.get(InboundMail, number) if number else None


def _log(mail: InboundMail, found: People, typed: str, user: User) -> Interaction:
    """Log a mail with these people, for the own staff alone: nobody decided yet that others may know of it."""
    ids = [one.id for one in found.contacts]
    influencers = select(Influencer.contact_id).where(Influencer.contact_id.in_(ids), access.influencers(user))
    first = set(db.session.scalars(influencers)) or set(ids)
    main = next(one for one in found.contacts if one.id in first)
    day = clock.day_of(mail.written_at, user.zone)
    interaction = interactions.log(
        main,
        "email",
        min(day, clock.today(user.zone)),
        summary(mail.subject, mail.text, mail.quoted),
        user,
        openness="private",
        participants=typed,
    )
    mail.interaction_id = interaction.id
    return interaction
