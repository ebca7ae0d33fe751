"""What the archive has that is new: thought leadership, as visitors find it."""

from datetime import datetime

from crm.base.digest_news import NewsItem
from crm.extensions import db
from crm.mailings.archive import archiving, pages
from crm.mailings.archive.models import MailingArchive
from crm.mailings.models import Mailing

KIND = "thought_leadership"


def find(since: datetime, until: datetime, language: str) -> list[NewsItem]:
    """Return what was published between two moments, in that language where there is such a text."""
    within = (MailingArchive.published_at >= since, MailingArchive.published_at < until, Mailing.kind == KIND)
    found = []
    for mailing in db.session.scalars(archiving.published().where(*within)):
        place = archiving.place_of(mailing)
        shown = pages.shown(mailing, language, place.published_at)
        path = f"/archive/{place.slug}?lang={shown.language}"
        found.append(NewsItem(shown.subject, shown.preheader, path, shown.at or until))
    return found
