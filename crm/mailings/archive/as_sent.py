"""What a mailing showed when it was released, kept for its page on the web: records, designs and names change later.

Kept is what that page shows to anybody: merge fields unfilled, nobody's own links, addresses as they were written.
"""

import html
import re
from collections.abc import Mapping

from sqlalchemy import ColumnElement, and_, false, insert, select

from crm.extensions import db
from crm.mailings import identity, markup, rendering, texts
from crm.mailings.archive import archiving
from crm.mailings.archive.models import MailingAsSent
from crm.mailings.comparing import pairing
from crm.mailings.comparing.models import A, B
from crm.mailings.models import Mailing
from crm.mailings.rendering import Rendered
from crm.mailings.texts import Key, Text

MOST = 500_000
"""Characters of HTML and text that are kept of one text of a mailing; what is longer is shown as it is now."""
HREF = re.compile(r'(?<=\shref=")[^"]*(?=")')
ENDS = r"(?![^\s<>()\[\]\"'.,;:!?]|[.,;:!?]+[^\s<>()\[\]\"'.,;:!?])"
"""Where an address ends in text: not where its path or the name of its host goes on."""

Copies = Mapping[Key, Rendered]


def rendered(mailing: Mailing) -> dict[Key, Rendered]:
    """Return what is to be kept of a mailing that is about to go: each of its texts, of both versions."""
    who, comparison = identity.current(), pairing.of(mailing)
    said = {(text.language, A): text for text in texts.all_of(mailing)}
    said |= {(text.language, B): text for text in texts.all_of(comparison.other)} if comparison else {}
    return {key: rendering.render(text, who, public=True) for key, text in said.items()}


def keep(mailing_id: int, copies: Copies) -> None:
    """Keep what was rendered."""
    for (language, variant), mail in copies.items():
        if len(mail.html) + len(mail.text) <= MOST:
            row = {"mailing_id": mailing_id, "language": language, "variant": variant}
            db.session.execute(insert(MailingAsSent), row | {"html": mail.html, "text": mail.text})


def of(said: Text) -> Rendered | None:
    """Return what is kept of a text; None for what was released before anything was kept."""
    kept = db.session.scalar(select(MailingAsSent).where(_is(said)))
    return Rendered(said.subject, kept.html, kept.text) if kept else None


def is_kept(said: Text) -> bool:
    """Tell whether anything is kept of a text, without reading it."""
    return db.session.scalar(select(MailingAsSent.mailing_id).where(_is(said))) is not None


def _is(said: Text) -> ColumnElement[bool]:
    mailing = archiving.mailing_of(said)
    if mailing is None:
        return false()
    own_id = said.id if isinstance(said, Mailing) else said.mailing_id
    variant = A if own_id == mailing.id else B
    is_it = (MailingAsSent.mailing_id == mailing.id, MailingAsSent.language == said.language)
    return and_(*is_it, MailingAsSent.variant == variant)


def leading(mail: Rendered, rewrite: markup.Rewrite) -> Rendered:
    """Return a mail whose links are replaced by others that lead there."""
    found = {html.unescape(address) for address in HREF.findall(mail.html)}
    others = {address: other for address in found if (other := rewrite(address)) != address}
    if not others:
        return mail
    in_html = {html.escape(address): html.escape(other) for address, other in others.items()}
    any_of = "|".join(re.escape(address) for address in sorted(others, key=len, reverse=True))
    whole = re.compile(f"(?:{any_of}){ENDS}")
    linked = HREF.sub(lambda match: in_html.get(html.escape(html.unescape(match[0])), match[0]), mail.html)
    return Rendered(mail.subject, linked, whole.sub(lambda match: others[match[0]], mail.text))
