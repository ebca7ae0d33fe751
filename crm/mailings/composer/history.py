"""Going back to what a mailing said before."""

from sqlalchemy import select

from crm.base import audit
from crm.base.locales import LANGUAGES
from crm.extensions import db
from crm.mailings import composing
from crm.mailings.checking import links
from crm.mailings.comparing import pairing
from crm.mailings.composer import revisions
from crm.mailings.composer.models import MailingRevision
from crm.mailings.models import Mailing, MailingText
from crm.mailings.texts import TEXT

NAMES = {"subject": "the subject", "preheader": "the preheader", "markup": "the way it is written"}


def find(mailing: Mailing, revision_id: int) -> MailingRevision | None:
    """Return that revision of that mailing."""
    query = select(MailingRevision).where(MailingRevision.mailing_id == mailing.id, MailingRevision.id == revision_id)
    return db.session.scalar(query)


def restore(mailing: Mailing, revision: MailingRevision) -> None:
    """Let all texts of a draft say again what they said then. Raises BadMailing."""
    composing.claim(mailing)
    for name in TEXT:
        setattr(mailing, name, revision.content[name])
    there = {one.language: one for one in mailing.texts}
    kept = []
    for values in revision.content["texts"]:
        one = there.get(values["language"]) or MailingText()
        for name in TEXT:
            setattr(one, name, values[name])
        kept.append(one)
    mailing.texts = kept
    mailing.version += 1
    audit.record("restore", "mailing", mailing.id, version=revision.version)
    links.ask(mailing.id)
    revisions.keep(mailing)
    pairing.follow(mailing)


def with_changes(found: list[MailingRevision]) -> list[tuple[MailingRevision, str]]:
    """Return each revision with what is other in it than in the one before, in words."""
    older = [*found[1:], None]
    return [(one, _change(one, old)) for one, old in zip(found, older, strict=False)]


def _change(now: MailingRevision, old: MailingRevision | None) -> str:
    if old is None:
        return "Begun"
    said = _differences(now.content, old.content)
    then = {one["language"]: one for one in old.content["texts"]}
    for one in now.content["texts"]:
        name = LANGUAGES[one["language"]]
        was = then.pop(one["language"], None)
        said += [f"{name}: {words}" for words in _differences(one, was)] if was else [f"{name} added"]
    return "; ".join([*said, *(f"{LANGUAGES[gone]} removed" for gone in then)]) or "Saved again"


def _differences(now: dict[str, str], old: dict[str, str]) -> list[str]:
    said = [words for name, words in NAMES.items() if now[name] != old[name]]
    if now["body"] != old["body"] or now["blocks"] != old["blocks"]:
        said.append("the text")
    if now["language"] != old["language"]:
        said.append("the language")
    return said
