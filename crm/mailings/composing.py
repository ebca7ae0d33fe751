"""Writing a mailing: create it, save it unless another did meanwhile, copy it, delete a draft."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from crm.base import audit
from crm.base.changes import plain
from crm.base.locales import LANGUAGES
from crm.base.words import one_line
from crm.contacts import subscriptions
from crm.contacts.models import Contact, Segment, Topic
from crm.contacts.topics import default_topic
from crm.extensions import db
from crm.mailings import audience, markup, parts
from crm.mailings.blocks.checking import BadBlocks, cleaned
from crm.mailings.checking import links
from crm.mailings.comparing import pairing
from crm.mailings.composer import editing, revisions
from crm.mailings.composer.editing import Sheet
from crm.mailings.designs import keeping as designs
from crm.mailings.models import KINDS, ON_UNCERTAIN, Mailing, MailingText
from crm.mailings.texts import SENDING, TEXT, Text

CONTENT = ("kind", *TEXT)
MARKUPS = ("markdown", "html", "blocks")


class BadMailing(ValueError):
    """What was given cannot be a mailing; the message says what to do."""


class ChangedMeanwhile(Exception):
    """Somebody else saved the mailing since this form was opened; `now` is what they made of it."""

    def __init__(self, now: Mailing) -> None:
        super().__init__("changed meanwhile")
        self.now = now


def create(values: dict[str, Any], *, by: str = "") -> Mailing:
    """Make a draft. Raises BadMailing."""
    mailing = Mailing(created_by=by or audit.actor(), audience={}, state="draft")
    _fill(mailing, values)
    db.session.add(mailing)
    db.session.flush()
    links.ask(mailing.id)
    revisions.keep(mailing)
    audit.record("create", "mailing", mailing.id, subject=[None, mailing.subject])
    return mailing


def save(
    mailing: Mailing,
    values: dict[str, Any],
    *,
    version: int,
    language: str = "",
    sheet: Sheet | None = None,
    by_hand: bool = True,
) -> Text:
    """Change one text of a draft that is still at that version, or as that page opened it; return the text.

    Without a language it is the main one; one that was removed meanwhile comes back. Raises BadMailing,
    ChangedMeanwhile.
    """
    claim(mailing)
    text = editing.text_in(mailing, language)
    if mailing.version != version and not editing.is_last_to_write(text, sheet):
        raise ChangedMeanwhile(mailing)
    before, sent_to = text.subject, _sending(mailing)
    _fill(text, values)
    if isinstance(text, MailingText) and text not in mailing.texts:
        mailing.texts.append(text)
    _check_languages(mailing)
    mailing.version += 1
    if by_hand or sent_to != _sending(mailing):
        audit.record("save", "mailing", mailing.id, subject=[before, text.subject])
    links.ask(mailing.id)
    revisions.keep(mailing, by_hand=by_hand)
    pairing.follow(mailing)
    return text


def claim(mailing: Mailing) -> None:
    """Read the mailing anew and keep others from changing it until the transaction ends. Raises BadMailing."""
    db.session.flush()
    db.session.refresh(mailing, with_for_update=True)
    db.session.expire(mailing, ["texts"])
    if mailing.state != "draft":
        raise BadMailing(f"This mailing is {mailing.state}. Take it back to a draft, or copy it, to change it.")
    if words := pairing.closed(mailing):
        raise BadMailing(words)


def copy(mailing: Mailing, *, by: str = "") -> Mailing:
    """Make a new draft of the same content, for the same audience."""
    values = {name: getattr(mailing, name) for name in (*CONTENT, *SENDING)}
    made = create(values | {"subject": f"{mailing.subject} (copy)"[:200]}, by=by)
    made.texts = [MailingText(**{name: getattr(one, name) for name in TEXT}) for one in mailing.texts]
    revisions.keep(made)
    designs.dress_alike(made, mailing)
    return made


def delete(mailing: Mailing) -> None:
    """Delete a draft. Raises BadMailing for what was scheduled or sent."""
    db.session.flush()
    db.session.refresh(mailing, with_for_update=True)
    if mailing.state != "draft":
        raise BadMailing("Only a draft can be deleted; what was sent stays on record.")
    if part := parts.of_what(mailing.id):
        raise BadMailing(f"{part}. Take it out there.")
    if comparison := pairing.of(mailing):
        pairing.end(comparison)
    audit.record("delete", "mailing", mailing.id, subject=[mailing.subject, None])
    db.session.delete(mailing)


def segment_named(name: str) -> Segment:
    """Return the segment of that name. Raises BadMailing."""
    segment = db.session.scalar(select(Segment).where(Segment.name == name))
    if segment is None:
        known = ", ".join(db.session.scalars(select(Segment.name).order_by(Segment.name))) or "none yet"
        raise BadMailing(f"There is no segment named “{name}”. Segments: {known}; or write all.")
    return segment


def topic_named(slug: str | None) -> Topic:
    """Return the topic of that slug, or the default topic. Raises BadMailing."""
    if not slug:
        return default_topic()
    topic = db.session.scalar(select(Topic).where(Topic.slug == slug))
    if topic is None:
        raise BadMailing(f"There is no topic “{slug}”.")
    return topic


def some_contacts(mailing: Mailing | None) -> Sequence[Contact]:
    """Return a few recipients (or people with any subscription, before there is an audience) to try a mailing on."""
    try:
        found = audience.sample(mailing) if mailing else []
    except audience.AudienceGone:
        found = []
    anyone = select(Contact).where(Contact.id.in_(subscriptions.active())).order_by(Contact.id).limit(audience.SAMPLE)
    return found or db.session.scalars(anyone).all()


def _fill(text: Text, values: dict[str, Any]) -> None:
    allowed = {"kind": KINDS, "language": LANGUAGES, "on_uncertain": ON_UNCERTAIN, "markup": MARKUPS}
    for name, choices in allowed.items():
        if name in values and values[name] not in choices:
            raise BadMailing(f"“{values[name]}” is no {name.replace('_', ' ')}. Choose one of: {', '.join(choices)}.")
    if len(values.get("body", "")) > markup.MAX_CHARACTERS:
        raise BadMailing(f"The body is longer than {markup.MAX_CHARACTERS:,} characters. Shorten it.")
    try:
        kept = {**values, "blocks": cleaned(values.get("blocks", text.blocks or []))}
    except BadBlocks as bad:
        raise BadMailing(str(bad)) from bad
    for name, value in kept.items():
        setattr(text, name, _header(value) if name in ("subject", "preheader") else value)


def _check_languages(mailing: Mailing) -> None:
    if mailing.language in [one.language for one in mailing.texts]:
        name = LANGUAGES[mailing.language]
        raise BadMailing(f"There is a version in {name} already. Remove it before you make {name} the main language.")


def _sending(mailing: Mailing) -> list[Any]:
    """Return to whom it goes, and how: no revision of the text tells that."""
    return [plain(getattr(mailing, name)) for name in ("kind", *SENDING)]


def _header(text: str) -> str:
    # A header must not become two.
    line = one_line(text)
    if len(line) > 200:
        raise BadMailing("The subject and the preheader can have 200 characters each. Shorten it.")
    return line
