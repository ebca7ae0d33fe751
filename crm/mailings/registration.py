"""What mailings add to the staff pages, and what they hold after a restore."""

from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from crm.base import registries
from crm.base.credits import credited
from crm.base.digest_news import News, news
from crm.base.public_pages import PublicEntry, public_menu, sitemap
from crm.extensions import db
from crm.mailings import releasing, restored, segment_fields
from crm.mailings.approval import approving
from crm.mailings.archive import archiving, fresh
from crm.mailings.blocks import kinds
from crm.mailings.calendar import registration as calendar_registration
from crm.mailings.choosing import wanted
from crm.mailings.comparing.models import MailingComparison
from crm.mailings.digests import registration as digests
from crm.mailings.models import KINDS, Mailing
from crm.mailings.pictures import storage as pictures
from crm.mailings.reading import merging, trails
from crm.mailings.replies import registration as replies
from crm.mailings.report import leaving
from crm.mailings.sequences import living, using
from crm.mailings.trials import sending as trials
from crm.mailings.waves import telling

NEXT = 5


def register() -> None:
    """Add to the menu and the dashboard; tell which segments and copies are needed, and what a restored copy holds."""
    kinds.register()
    calendar_registration.register()
    segment_fields.register()
    replies.register()
    digests.register()
    news.add("archive", News(_l("Published lately"), fresh.find))
    registries.menu.add("mailings", registries.MenuEntry("Mailings", "mailings_staff.index", "mailings.see", 40))
    registries.panels.add("mailings", registries.Panel("mailings/staff/next_out.html", next_out, "next", 10))
    registries.segment_users.add("mailings", users_of_segment)
    registries.growing_messages.add("mailings", releasing.growing)
    registries.counted_people.add(leaving.LEFT, leaving.of_message)
    registries.menu.add(
        "sequences", registries.MenuEntry("Sequences", "sequences_staff.index", "mailings.see", 42, within="mailings")
    )
    registries.segment_users.add("sequences", using.users_of_segment)
    registries.holds.add(
        "sequences", registries.Hold("sequences that wait for your word", living.hold_restored, "sequence")
    )
    registries.erasures.add("mailings", registries.Erasure("tests of mailings that they were sent", trials.forget))
    registries.kept_files.add(pictures.SHELF.folder, pictures.SHELF.files)
    registries.merges.add("clicks", merging.merge())
    public_menu.add("archive", PublicEntry(_l("Earlier mailings"), "archive_public.index", 80, place="foot"))
    sitemap.add("archive", archiving.addresses_for_search)
    credited.add("mailings", trails.credit)
    registries.holds.add("mailings", registries.Hold("mailings that wait for your word", restored.hold))


def next_out() -> dict[str, Any]:
    """Return what goes out next, what waits for approval, and what waits for somebody's word."""
    groups = {
        "coming": Mailing.state.in_(["scheduled", "sending"]),
        "waiting": Mailing.state == "paused",
        "asked": approving.is_asked(),
    }
    first = select(Mailing.id).order_by(Mailing.scheduled_at, Mailing.id).limit(NEXT)
    ids = (Mailing.id.in_(select(first.where(group).subquery().c.id)) for group in groups.values())
    # In one question: the dashboard asks many.
    found = db.session.scalars(select(Mailing).where(or_(*ids)).order_by(Mailing.scheduled_at, Mailing.id)).all()
    of = {"scheduled": "coming", "sending": "coming", "paused": "waiting", "draft": "asked"}
    shown = {name: [one for one in found if of.get(one.state) == name] for name in groups}
    return shown | {"kinds": KINDS, "whens": telling.whens(found)}


def users_of_segment(segment_id: int) -> list[tuple[str, str]]:
    """Return the subject and the page of each mailing that is not over and names the segment."""
    over = select(Mailing.id).where(Mailing.state.in_(["finished", "canceled"]))
    versions = select(MailingComparison.other_id).where(MailingComparison.mailing_id.in_(over))
    query = select(Mailing).where(Mailing.id.not_in(over), Mailing.id.not_in(versions)).order_by(Mailing.id)
    return [
        (
            f"the mailing “{mailing.subject or 'without a subject'}”",
            url_for("mailings_staff.edit", mailing_id=mailing.id),
        )
        for mailing in db.session.scalars(query)
        if segment_id in wanted.of(mailing).named_segments
    ]
