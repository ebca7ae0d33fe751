"""Links in mailings: each leads through an address of ours that counts all clicks together, never a person's."""

import re
from collections.abc import Sequence

from flask import current_app
from sqlalchemy import select, update

from crm.base import signing
from crm.extensions import db
from crm.mailings.models import MailingLink

# Names that scanners, previews and libraries give themselves; an empty name is none of a browser either.
ROBOT = re.compile(
    r"bot\b|crawl|spider|slurp|scan|preview|prefetch|proxy|monitor|barracuda|proofpoint|mimecast|safelinks|"
    r"bitdefender|fortinet|symantec|headless|phantom|curl|wget|python|java/|go-http|okhttp|axios|libwww|httpclient|"
    r"googleimageproxy|yahoomailproxy|whatsapp|telegram|slack|discord|facebookexternalhit",
    re.IGNORECASE,
)


class Rewriter:
    """Turns the links of one mailing into counted ones; `urls` are their addresses, numbered from 1 in their order.

    `known` are those that have a number already.
    """

    def __init__(self, mailing_id: int, known: Sequence[str] = ()) -> None:
        self.urls = list(known)
        self._mailing_id = mailing_id
        self._counted: dict[str, str] = {}

    def __call__(self, url: str) -> str:
        if url not in self._counted:
            if url not in self.urls:
                self.urls.append(url)
            token = signing.sign("click", f"{self._mailing_id}:{self.urls.index(url) + 1}")
            self._counted[url] = f"{current_app.config['PUBLIC_URL']}/c/{token}"
        return self._counted[url]


def follow(token: str, *, count: bool) -> str | None:
    """Return where a counted link leads, or None for a token that is not ours; counts and commits where asked to."""
    try:
        mailing_id, number = map(int, signing.read("click", token).split(":"))
    except (signing.InvalidToken, ValueError):
        return None
    this = (MailingLink.mailing_id == mailing_id) & (MailingLink.number == number)
    if not count:
        return db.session.scalar(select(MailingLink.url).where(this))
    db.session.rollback()  # The count must be the first statement of its transaction (see base.database).
    more = update(MailingLink).where(this).values(clicks=MailingLink.clicks + 1)
    url: str | None = db.session.execute(more.returning(MailingLink.url)).scalar_one_or_none()
    db.session.commit()
    return url


def is_person(method: str, user_agent: str, purpose: str) -> bool:
    """Guess whether a person follows the link: no HEAD, no prefetch, no name of a robot."""
    return method == "GET" and not purpose and bool(user_agent) and not ROBOT.search(user_agent)
