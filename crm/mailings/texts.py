"""What a mailing says to whom: its own text, and others for those who speak another of our languages."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, false, select, true

from crm.base.locales import LANGUAGES
from crm.contacts.models import Contact
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings.models import Mailing, MailingMessage, MailingText

Text = Mailing | MailingText
Key = tuple[str, str]
"""Which message of a mailing: its language, and of which of two versions that are compared (variant)."""
TEXT = ("language", "subject", "preheader", "body", "markup", "blocks")
"""What a text is made of; and, of a mailing besides, to whom and how it goes:"""
SENDING = ("topic_id", "campaign_id", "audience", "on_uncertain", "count_clicks")


def all_of(mailing: Mailing) -> list[Text]:
    """Return its own text, then the others."""
    return [mailing, *mailing.texts]


def read_by(mailing: Mailing, contact: Contact | None) -> Text:
    """Return the text that a contact gets; nobody, or one in whose language there is none, gets the main one."""
    language = contact.language if contact else mailing.language
    return next((one for one in mailing.texts if one.language == language), mailing)


def named(text: Text, mailing: Mailing) -> str:
    """Return which of the texts it is, in a word; "" where there is only one."""
    return str(LANGUAGES[text.language]) if mailing.texts else ""


def reads(text: Text, mailing: Mailing) -> ColumnElement[bool]:
    """Return the condition that a contact gets this text: each gets one, the main text who has no other."""
    return _speaks(None if text is mailing else text.language, [one.language for one in mailing.texts])


def of_message(mailing: Mailing, one: MailingMessage) -> ColumnElement[bool]:
    """Return the condition that a contact reads that message, of all of its variant: each reads one.

    The first that was written is in the main language, for all who have no other.
    """
    same = sorted((other for other in mailing.messages if other.variant == one.variant), key=lambda it: it.message_id)
    return _speaks(None if one is same[0] else one.language, [other.language for other in same[1:]])


def _speaks(language: str | None, others: list[str]) -> ColumnElement[bool]:
    # None: the main language, which all speak who speak none of the others.
    if language is not None:
        return Contact.language == language
    return Contact.language.not_in(others) if others else true()


def mailing_of(message_id: int) -> Mailing | None:
    """Return the mailing that became that message."""
    query = select(Mailing).join(Mailing.messages).where(MailingMessage.message_id == message_id)
    return db.session.scalar(query)


def mailings_of(message_ids: Collection[int]) -> dict[int, Mailing]:
    """Return the mailings that became these messages, by the ids of these."""
    query = select(MailingMessage.message_id, Mailing).join(Mailing, Mailing.id == MailingMessage.mailing_id)
    return dict(db.session.execute(query.where(MailingMessage.message_id.in_(message_ids))).all())


def has_copy(message_ids: Collection[int]) -> ColumnElement[bool]:
    """Return the condition that a contact's address has a copy of one of these messages already."""
    if not message_ids:
        return false()
    copy = select(Delivery.id).where(Delivery.message_id.in_(message_ids), Delivery.address == Contact.email)
    return copy.exists()
