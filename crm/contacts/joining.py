"""Double opt-in: a sign-up, and a deed with it, waits until a button behind the link in its mail is pressed."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import update

from crm.base import clock, signing
from crm.base.deeds import Deed, Done, deeds
from crm.contacts import consent, intake, letters, links, subscriptions, timeline
from crm.contacts.models import Contact, SignUp, Topic
from crm.delivery import suppression
from crm.extensions import db

LINK_LIFE = timedelta(days=7)
# Confirmations that one address may get, however many networks ask for them.
PER_ADDRESS = ((3, timedelta(hours=24)), (10, timedelta(days=30)))
PROFILE = ("first_name", "last_name", "organization_name", "zip_code", "language")
CONFIRM, ALREADY = "confirm", "already_subscribed"


@dataclass(frozen=True)
class Request:
    """A checked form. `typed` has values for PROFILE; `network` is the visitor's /24 or /64.

    Without topics it is for the deed alone.
    """

    email: str
    topics: Sequence[Topic]
    language: str
    form_id: str
    wording_id: int | None = None
    source_id: int | None = None
    place: str = ""
    network: str = "unknown"
    typed: dict[str, str] = field(default_factory=dict)
    deed: Deed | None = None


def ask(request: Request) -> None:
    """Keep a sign-up and ask its address to confirm, within the limits of that address.

    Says nothing on whether the address was known. An address that gets no mail takes no less work: it is done and
    taken back, so that it is answered no sooner than others.
    """
    contact_id, made = intake.contact_of(request.email, request.language, request.source_id)
    standing = intake.standing(contact_id, request.email, request.topics, [per for _, per in PER_ADDRESS])
    limited = any(mailed >= limit for mailed, (limit, _) in zip(standing.mailed, PER_ADDRESS, strict=True))
    if not (standing.blocked or limited):
        _write_to(request, contact_id, made, standing)
        return
    with db.session.begin_nested() as nothing:
        _write_to(request, contact_id, made, standing)
        nothing.rollback()
    if made:
        intake.take_back(contact_id)


def ask_again(sign_up: SignUp) -> None:
    """Send a fresh link for a sign-up whose link has expired, within the limits of its address."""
    if sign_up.state == "open" and sign_up.contact.email:
        ask(
            Request(
                email=sign_up.contact.email,
                topics=topics_of(sign_up),
                language=sign_up.language,
                form_id=f"again:{sign_up.id}:{clock.now():%Y%m%d%H%M}",
                wording_id=sign_up.wording_id,
                source_id=sign_up.source_id,
                place=sign_up.place,
                network=sign_up.ip or "unknown",
                typed=sign_up.typed,
                deed=deed_of(sign_up),
            )
        )


def read_link(token: str) -> SignUp | None:
    """Return the sign-up of a confirmation link, None where it is gone; raises InvalidToken, ExpiredToken."""
    return named(signing.read("confirm", token, max_age=LINK_LIFE))


def named(subject: str) -> SignUp | None:
    """Return the sign-up that the subject of a link names; None where it is gone.

    It is gone, too, where it waits and its contact has another address by now: the link was sent to the one before,
    and proves that alone.
    """
    number, _, mark = subject.partition(":")
    found = db.session.get(SignUp, int(number))
    if found is None or found.state != "open" or not mark:
        return found  # Links of older versions carry no mark; they live 7 days.
    return found if mark == links.address_mark(found.contact.email or "") else None


def topics_of(sign_up: SignUp) -> Sequence[Topic]:
    """Return the topics that a sign-up asks for."""
    return subscriptions.named(sign_up.topics)


def deed_of(sign_up: SignUp) -> Deed | None:
    """Return what a sign-up is for besides mail; None for nothing, and where its kind is known no more."""
    known = sign_up.deed_kind in deeds and sign_up.about_id is not None
    return Deed(sign_up.deed_kind, sign_up.about_id or 0, sign_up.details) if known else None


def confirm(sign_up: SignUp) -> bool:
    """Turn a sign-up into consent; returns False, and changes nothing, where that was done before."""
    at = clock.now()
    claim = update(SignUp).where(SignUp.id == sign_up.id, SignUp.state == "open")
    if db.session.execute(claim.values(state="confirmed", confirmed_at=at)).rowcount != 1:  # type: ignore[attr-defined]
        return False
    contact, new = sign_up.contact, sign_up.contact.confirmed_at is None
    _fill_in(contact, sign_up)
    deed = deed_of(sign_up)
    if topics := topics_of(sign_up):
        greeted = active_in_all(contact.id, topics)
        _subscribe(contact, topics, sign_up, at)
        if not greeted and not (deed and deeds[deed.kind].greets(deed.about_id, sign_up.language)):
            letters.welcome(contact, sign_up.id)
    if deed:
        done = Done(deed, contact.id, sign_up.source_id, sign_up.language, new, sign_up.created_at)
        deeds[deed.kind].settle(done)
    return True


def forget_said(contact_id: int, kind: str, about_id: int) -> None:
    """Delete what was typed for a deed from the sign-ups that it came with, because its owner took it back."""
    mine = (SignUp.contact_id == contact_id, SignUp.deed_kind == kind, SignUp.about_id == about_id)
    db.session.execute(update(SignUp).where(*mine, SignUp.state == "confirmed").values(details={}))


def active_in_all(contact_id: int, topics: Sequence[Topic]) -> bool:
    """Tell whether the contact gets all of these topics already."""
    return intake.active_in(contact_id, topics) == len(topics)


def _subscribe(contact: Contact, topics: Sequence[Topic], sign_up: SignUp, at: datetime) -> None:
    _lift_what_was_left(contact, topics)
    consent.give(
        contact,
        topics,
        method="double_opt_in",
        wording_id=sign_up.wording_id,
        place=sign_up.place,
        ip=sign_up.ip,
        evidence={"sign_up": sign_up.id, "asked": sign_up.created_at.isoformat(), "confirmed": at.isoformat()},
    )
    timeline.record(contact, "sign_up", "Signed up", at=sign_up.created_at, actor="visitor")
    names = ", ".join(topic.name() for topic in topics)
    timeline.record(contact, "consent", f"Confirmed: {names}", at=at, actor="visitor")


def _write_to(request: Request, contact_id: int, made: bool, standing: intake.Standing) -> None:
    known = not request.deed and standing.active == len(request.topics)
    mail = ALREADY if known else CONFIRM
    sign_up_id = _keep(request, contact_id, mail, made)
    if sign_up_id is None:
        return  # The same form, posted twice.
    if mail == ALREADY:
        letters.already_subscribed(contact_id, request.email, request.language, sign_up_id)
        return
    if request.topics:
        intake.wait_for_confirmation(contact_id, request.topics)
    to = letters.Asked(contact_id, request.email, request.language, sign_up_id, request.topics, request.deed)
    letters.confirm(to)


def _keep(request: Request, contact_id: int, mail: str, made: bool) -> int | None:
    return intake.keep(
        contact_id=contact_id,
        made_contact=made,
        mail=mail,
        form_digest=_digest(request),
        source_id=request.source_id,
        language=request.language,
        typed=request.typed,
        deed_kind=request.deed.kind if request.deed else "",
        about_id=request.deed.about_id if request.deed else None,
        details=dict(request.deed.details) if request.deed else {},
        topics=[topic.slug for topic in request.topics],
        wording_id=request.wording_id,
        place=request.place,
        ip=request.network,
    )


def _digest(request: Request) -> str:
    topics = sorted(topic.slug for topic in request.topics)
    deed = asdict(request.deed) if request.deed else None
    typed = json.dumps([request.form_id, request.email, topics, request.language, request.typed, deed])
    return hashlib.sha256(typed.encode()).hexdigest()


def _fill_in(contact: Contact, sign_up: SignUp) -> None:
    for name in PROFILE:
        if sign_up.typed.get(name):
            setattr(contact, name, sign_up.typed[name])
    if contact.confirmed_at is None:
        contact.source_id = sign_up.source_id or contact.source_id


def _lift_what_was_left(contact: Contact, topics: Sequence[Topic]) -> None:
    """Lift the unsubscribes of these topics alone; a bounce or a complaint stays (staff lift those)."""
    address = contact.email or ""
    reasons = suppression.reasons(address)
    wanted = {topic.slug for topic in topics}
    for list_id, reason in reasons.items():
        if reason not in suppression.HARD and list_id in wanted | {suppression.EVERY_LIST}:
            suppression.lift(address, list_id, by="double opt-in")
    if suppression.EVERY_LIST in reasons and reasons[suppression.EVERY_LIST] not in suppression.HARD:
        for slug, state in subscriptions.states(contact).items():
            if state == subscriptions.UNSUBSCRIBED and slug not in wanted:
                suppression.suppress(address, "unsubscribe", slug)
