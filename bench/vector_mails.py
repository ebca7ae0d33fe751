"""Every mail: each letter in three languages with vectors for its merge values, and each mailing as people get it."""

import email
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path

from flask import current_app
from jinja2 import meta
from sqlalchemy import select

from bench.vector_fields import AT_ONCE, Vectors
from bench.vector_pages import Page
from crm.base import rich_text
from crm.base.locales import LANGUAGES
from crm.delivery import letters, merge_fields
from crm.delivery.compiled import Content, compile_content
from crm.delivery.mime import BadHeader
from crm.extensions import db
from crm.mailings import rendering
from crm.mailings.models import Mailing
from crm.mailings.texts import Text
from crm.organizations import coalition

COUNTED = dict.fromkeys(("shares", "paragraphs", "coming", "late", "kinds", "lines", "quotes"), 1)
PAGE = "https://x.example/page"
KNOWN = {*merge_fields.LINK_FIELDS, "first_name", "share_url"}
REFUSED = 422
SHOWN = dict.fromkeys(("online", "recording", "attended", "typed", "has_note", "approved"), True)


def names() -> list[str]:
    """Return the names of all letters: the folders with a subject."""
    return sorted(path.parent.name for path in _folder().glob("*/subject.txt"))


def read(vectors: Vectors, turn: int) -> Iterator[Page]:
    """Yield the HTML of every letter and mailing."""
    for name in names():
        for language in LANGUAGES:
            yield _letter(name, language, vectors, turn)
    for mailing in db.session.scalars(select(Mailing)):
        for said in (mailing, *mailing.texts):
            yield from _mailing(f"mailing {mailing.id} {said.language}", said, vectors, turn)


def _mailing(name: str, said: Text, vectors: Vectors, turn: int) -> Iterator[Page]:
    """Yield a mailing as staff see it before it goes, and as it goes: without double braces that hold it back."""
    mail = rendering.render(said, coalition.current())
    values = {one: vectors.text(f"mailing merge {one}", turn, AT_ONCE, True) for one in mail.fields() if one in KNOWN}
    yield Page("mail", f"{name} in a preview", 200, "text/html", rendering.personal(mail, values).html)
    sent = _sent(name, mail.subject, mail.html, mail.text, values)
    yield sent
    if sent.status == REFUSED:
        mended = [merge_fields.without_others(part, KNOWN) for part in (mail.subject, mail.html, mail.text)]
        yield _sent(name, *mended, values)


def _letter(name: str, language: str, vectors: Vectors, turn: int) -> Page:
    shape = {**COUNTED, **SHOWN, "written_in": language}
    if "text" in _read_by(name):
        shape["text"] = rich_text.html(vectors.text(f"letter {name} text", turn, AT_ONCE, False))
    draft = letters.render(name, language, shape)
    fields = merge_fields.names(draft.subject + draft.html + draft.text)
    values = {}
    for one in fields:
        # Addresses in letters are made by the program, and signed.
        made = one == "link" or "url" in one
        values[one] = PAGE if made else vectors.text(f"letter {name} {one}", turn, AT_ONCE, True)
    return _sent(f"letter {name} {language}", draft.subject, draft.html, draft.text, values)


@cache
def _read_by(name: str) -> set[str]:
    """Return the variables that the HTML of a letter reads."""
    source = (_folder() / name / "body.html").read_text()
    return meta.find_undeclared_variables(current_app.jinja_env.parse(source))


def _folder() -> Path:
    return Path(current_app.root_path).parent / "templates" / "email"


def _sent(name: str, subject: str, html: str, text: str, values: dict[str, str]) -> Page:
    """Return the HTML part as it goes over the wire; of a mail that would be held back, why (status REFUSED)."""
    try:
        made = compile_content(Content(subject, html, text, "Bridgeway <news@bridgeway.example>")).render(b"", values)
    except (BadHeader, merge_fields.BadField) as refused:
        return Page("mail", name, REFUSED, "text/plain", str(refused))
    mail = email.message_from_bytes(
        made.rpartition(b"\r\n.\r\n")[0].replace(b"\r\n..", b"\r\n."), policy=policy.default
    )
    assert isinstance(mail, EmailMessage)
    part = mail.get_body(("html",))
    return Page("mail", name, 200, "text/html", part.get_content() if part else "")
