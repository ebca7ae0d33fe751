"""A mailing in other languages: a version more, one less, and how many people get which."""

from sqlalchemy import func

from crm.base import audit
from crm.base.locales import LANGUAGES
from crm.contacts.models import Contact
from crm.extensions import db
from crm.mailings import audience, composing
from crm.mailings.comparing import pairing
from crm.mailings.composer import revisions
from crm.mailings.composing import BadMailing
from crm.mailings.models import Mailing, MailingText
from crm.mailings.texts import TEXT


def add(mailing: Mailing, language: str) -> None:
    """Add a version in that language, as a copy of the main text to be translated. Raises BadMailing."""
    composing.claim(mailing)
    if language not in missing(mailing):
        raise BadMailing("There is a version in that language already, or we do not write in it.")
    copied = {name: getattr(mailing, name) for name in TEXT}
    mailing.texts.append(MailingText(**copied | {"language": language}))
    _changed(mailing, "add_version", language)


def remove(mailing: Mailing, language: str) -> None:
    """Remove the version in that language; the history keeps what it said. Raises BadMailing."""
    composing.claim(mailing)
    mailing.texts = [one for one in mailing.texts if one.language != language]
    _changed(mailing, "remove_version", language)


def missing(mailing: Mailing) -> list[str]:
    """Return the languages in which it says nothing yet."""
    there = {mailing.language, *(one.language for one in mailing.texts)}
    return [code for code in LANGUAGES if code not in there]


def counts(mailing: Mailing) -> dict[str, int]:
    """Return how many people get the text of each language now; {} where the audience cannot be told."""
    try:
        people = audience.select_ids(mailing)
    except audience.AudienceGone:
        return {}
    query = people.with_only_columns(Contact.language, func.count()).group_by(Contact.language)
    found = dict.fromkeys([mailing.language, *(one.language for one in mailing.texts)], 0)
    for language, number in db.session.execute(query):
        found[language if language in found else mailing.language] += number
    return found


def _changed(mailing: Mailing, verb: str, language: str) -> None:
    mailing.version += 1
    audit.record(verb, "mailing", mailing.id, language=language)
    revisions.keep(mailing)
    pairing.follow(mailing)
