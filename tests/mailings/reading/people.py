"""People and robots who follow links, by what their browsers say."""

from datetime import timedelta

from crm.base import clock, signing
from crm.extensions import db
from crm.mailings.models import Mailing, MailingLink
from tests import factories
from tests.mailings.makers import make_mailing

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1"
)
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
AMINA = {"User-Agent": FIREFOX, "Accept-Language": "en-US,en;q=0.5", "Sec-Fetch-Dest": "document"}
BAO = {"User-Agent": IPHONE, "Accept-Language": "es-MX"}
CARLA = {"User-Agent": CHROME, "Accept-Language": "ar"}


class Link:
    """A link of a mailing, as tests name it."""

    def __init__(self, row: MailingLink, mailing: Mailing) -> None:
        self.id, self.mailing_id, self.number, self.url = row.id, row.mailing_id, row.number, row.url
        self.mailing = mailing


def make_links(number: int = 1, **values) -> list[Link]:
    """The links of one mailing that went out an hour ago."""
    mailing = make_mailing(**values)
    mailing.released_at = clock.now() - timedelta(hours=1)
    mailing.state = "sending"
    rows = [MailingLink(mailing_id=mailing.id, number=n, url=f"https://x.example/{n}") for n in range(1, number + 1)]
    for row in rows:
        factories.add(row)
    db.session.commit()
    return [Link(row, mailing) for row in rows]


def make_link(url: str) -> Link:
    (link,) = make_links()
    db.session.get_one(MailingLink, link.id).url = link.url = url
    db.session.commit()
    return link


def path(link: Link, language: str = "en", key: str = "") -> str:
    """The address of a link as it stands in the mail of that language; with the key of who agreed."""
    return f"/c/{signing.sign('click', f'{link.mailing_id}:{link.number}:{language}')}{'~' + key if key else ''}"
