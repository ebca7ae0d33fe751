"""Pages of the site for tests."""

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask

from crm.base import clock
from crm.extensions import db
from crm.mailings.blocks.checking import cleaned
from crm.mailings.pictures.models import MailingPicture
from crm.site.pages.models import SitePage, SitePageRevision
from tests import factories

TEXT = [{"kind": "text", "html": "<p>What people can do.</p>"}]


def make_page(kind: str = "page", *, slug: str = "fair", title: str = "Fair licensing", **values: Any) -> SitePage:
    """A draft, or with shown=True a published page, in English, with its first revision."""
    shown, blocks = values.pop("shown", False), cleaned(values.pop("blocks", TEXT))
    content = {"en": {"title": title, "description": "", "blocks": blocks}}
    page = SitePage(kind=kind, slug=slug, language="en", content=content, version=1, **values)
    if shown:
        page.shown, page.published_at, page.changed_at = content, clock.now(), clock.now()
    factories.add(page)
    factories.add(SitePageRevision(page_id=page.id, at=clock.now(), who="alice@bridgeway.example", content=content))
    db.session.commit()
    return page


def make_picture() -> MailingPicture:
    """A picture on record, without its file."""
    values = {"public_id": "ab" * 16, "kind": "jpg", "name": "Ward", "alt": "", "size": 1, "user_id": None}
    return factories.add(MailingPicture(**values, width=1200, height=800, created_at=clock.now()))


def blocks_as_typed(blocks: list[dict[str, Any]]) -> dict[str, str]:
    """Return the blocks as the fields of a form that was sent."""
    typed = {"b.n": str(len(blocks))}
    for number, block in enumerate(blocks):
        typed |= {f"b.{number}.{name}": str(value) for name, value in block.items()}
    return typed


def at_once(app: Flask, act: Callable[[], Any]) -> list[Any]:
    """Let two do it at the same time, each in a transaction of their own; return what they got."""
    both, found = threading.Barrier(2), []

    def one() -> None:
        with app.app_context():
            both.wait(30)
            found.append(act())
            db.session.commit()

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
