"""What a digest says: its words, and under a heading for each kind of news what is new."""

import html
from datetime import datetime
from typing import Any

from flask_babel import force_locale

from crm.base.block_kinds import made
from crm.base.digest_news import NewsItem, news
from crm.base.locales import LANGUAGES, REGIONS
from crm.base.public_pages import public_url
from crm.mailings.digests.models import Digest

Block = dict[str, Any]
Found = list[tuple[str, list[NewsItem]]]


def languages(digest: Digest) -> list[str]:
    """Return the languages that it comes in, the main one first."""
    return [code for code in LANGUAGES if digest.subjects.get(code)]


def new_between(since: datetime, until: datetime, language: str) -> Found:
    """Return by heading what has become public between two moments; no heading without anything."""
    with force_locale(REGIONS.get(language, language)):
        found = [(str(kind.label), kind.find(since, until, language)) for kind in news]
    return [(label, items) for label, items in found if items]


def text(digest: Digest, language: str, found: Found) -> dict[str, Any]:
    """Return the text of a mailing in that language, by the names of its columns."""
    subject = digest.subjects[language]
    blocks = [made("heading", text=subject, level="1")]
    if intro := digest.intros.get(language, "").strip():
        blocks.append(made("text", html="".join(f"<p>{_escaped(part)}</p>" for part in intro.split("\n\n"))))
    for label, items in found:
        blocks.append(made("heading", text=label, level="2"))
        blocks += [made("text", html=_told(item)) for item in items]
    titles = ", ".join(item.title for _, items in found for item in items)
    return {"language": language, "subject": subject, "preheader": titles[:200], "markup": "blocks", "blocks": blocks}


def _told(item: NewsItem) -> str:
    link = f'<a href="{html.escape(public_url(item.path))}">{_escaped(item.title)}</a>'
    return f"<p><strong>{link}</strong></p>" + (f"<p>{_escaped(item.summary)}</p>" if item.summary else "")


def _escaped(words: str) -> str:
    return html.escape(words.strip()).replace("\n", "<br>")
