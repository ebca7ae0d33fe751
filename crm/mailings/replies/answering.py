"""Answering from the inbox: a mail of the coalition's to one person, in the same thread for both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import select

from crm.accounts.models import User
from crm.base import audit, clock
from crm.base.changes import Refused, lock
from crm.base.locales import LANGUAGES
from crm.base.words import shortened
from crm.contacts import status, timeline
from crm.delivery import letters, outbox, suppression
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import identity
from crm.mailings.replies import addresses, threads
from crm.mailings.replies.models import MailingAnswer, MailingReply, ReplyThread
from crm.organizations.models import Coalition

FIELD = "text"
MOST_QUOTED = 10_000  # characters
MOST_LINES = 200
LONGEST_REFERENCES = 900  # octets: a line may have 998 (RFC 5322 §2.1.1)
CHANGED = "Something was written here since you opened this page. Read it, then send your answer again."
STATES = {
    "queued": ("On its way", ""),
    "in_flight": ("On its way", ""),
    "deferred": ("On its way, tried again later", "warn"),
    "sent": ("Sent", "good"),
    "failed": ("Not delivered", "bad"),
    "suppressed": ("Not sent: the address is blocked", "bad"),
    "canceled": ("Not sent", "bad"),
    "uncertain": ("May or may not have arrived", "warn"),
}


@dataclass(frozen=True)
class Answered:
    """The mail that is answered, and to which address."""

    reply: MailingReply
    address: str


def answered(thread: ReplyThread) -> Answered | None:
    """Return what an answer answers: the last mail that a person wrote; None where nothing has an address."""
    written = [one for one in thread.replies if one.sender and not addresses.ADDRESS.match(one.sender)]
    reply = next((one for one in reversed(written) if not one.automatic), written[-1] if written else None)
    return Answered(reply, reply.sender) if reply else None


def answer(thread: ReplyThread, text: str, user: User, *, opened_on: int, done: bool) -> MailingAnswer:
    """Send the text to whoever wrote last, and keep it in the thread; raises Refused.

    opened_on: the version of the thread that its writer saw. done: nothing more is to be done about it.
    """
    lock(thread)
    if thread.state == threads.FORGOTTEN:
        raise Refused("This reply was forgotten meanwhile, so nothing was sent.", FIELD)
    if thread.version != opened_on:
        raise Refused(CHANGED, FIELD)
    to = answered(thread)
    if to is None:
        raise Refused("Nobody can be answered: the mail gives no address that can be read.", FIELD)
    if suppression.blocks(to.address, kind="transactional"):
        reason = suppression.reasons(to.address)[suppression.EVERY_LIST]
        raise Refused(f"{to.address} gets no mail from us: {status.REASONS.get(reason, reason)}.", FIELD)
    kept = _send(thread, to, text.strip(), user)
    thread.version += 1
    thread.assignee_id = thread.assignee_id or user.id
    thread.last_at = clock.now()
    thread.state, thread.done_at = (threads.DONE, clock.now()) if done else (threads.OPEN, None)
    if thread.contact_id is not None:
        timeline.record(thread.contact_id, threads.KIND, f"Answered: {shortened(text, 100)}", threads.url(thread.id))
    audit.record("answer", threads.THING, thread.id)
    return kept


def standings(thread: ReplyThread) -> dict[int, tuple[str, str]]:
    """Return of each answer, by its id, in a word and a tone what became of the mail; none where that is not kept."""
    numbers = {one.delivery_id: one.id for one in thread.answers if one.delivery_id is not None}
    rows = db.session.execute(select(Delivery.id, Delivery.state).where(Delivery.id.in_(numbers)))
    return {numbers[row.id]: STATES[row.state] for row in rows}


def _send(thread: ReplyThread, to: Answered, text: str, user: User) -> MailingAnswer:
    who = identity.current()
    language = _language(thread)
    lines, quoted = text.splitlines(), _quoted(to.reply)
    draft = letters.render("answer", language, {"lines": len(lines), "quotes": len(quoted)})
    message = outbox.write(
        draft.subject,
        draft.html,
        draft.text,
        sender=identity.sender(who),
        headers=_headers(to.reply),
        reply_to=addresses.of_thread(thread.id, who) or None,
    )
    merge = {"subject": _subject(thread), "date": _date(to.reply, who, language)}
    merge |= _numbered("line", lines) | _numbered("quote", quoted)
    delivery_id = outbox.queue(
        message, to.address, contact_id=thread.contact_id, about=threads.about(thread.id), merge=merge
    )
    kept = MailingAnswer(
        thread_id=thread.id,
        user_id=user.id,
        address=to.address,
        text=text,
        message_id=message.id,
        delivery_id=delivery_id,
    )
    db.session.add(kept)
    db.session.flush()
    return kept


def _headers(reply: MailingReply) -> Mapping[str, str]:
    """Return what lets mail programs show the answer beneath the mail (RFC 5322 §3.6.4), and says that we wrote it."""
    headers = {"Auto-Submitted": "no"}
    if reply.mail_id:
        named = list(dict.fromkeys([*reply.references, reply.mail_id]))
        while len(" ".join(named)) > LONGEST_REFERENCES:
            named.pop(0)
        headers |= {"In-Reply-To": reply.mail_id, "References": " ".join(named)}
    return headers


def _quoted(reply: MailingReply) -> Sequence[str]:
    return reply.text[:MOST_QUOTED].splitlines()[:MOST_LINES]


def _numbered(name: str, lines: Sequence[str]) -> dict[str, str]:
    return {f"{name}_{number}": line for number, line in enumerate(lines)}


def _subject(thread: ReplyThread) -> str:
    subject = thread.subject or (threads.titled(thread.mailing) if thread.mailing else "")
    return subject if subject.lower().startswith("re:") else f"Re: {subject}".strip()


def _language(thread: ReplyThread) -> str:
    """Return the writer's language, or else that of the mailing."""
    spoken = [thread.contact.language if thread.contact else "", thread.mailing.language if thread.mailing else ""]
    return next((one for one in spoken if one in LANGUAGES), "en")


def _date(reply: MailingReply, who: Coalition, language: str) -> str:
    moment = reply.written_at.astimezone(ZoneInfo(who.zone or "UTC"))
    return format_date(moment, format="long", locale=language)
