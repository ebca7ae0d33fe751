"""What the site itself adds to the staff menu, and to what segments can ask for."""

from datetime import datetime

from flask import url_for
from flask_babel import lazy_gettext as _l

from crm.base.public_pages import PublicEntry, public_menu, sitemap
from crm.base.registries import MenuEntry, SegmentField, menu, segment_fields
from crm.base.sender_checks import sender_checks
from crm.site import providers
from crm.site.doctor import sender


def register() -> None:
    """Add the dashboard, the mail provider of its table, and what the doctor says of the sender."""
    menu.add("today", MenuEntry("Today", "site_staff.index", "dashboard.see", 0))
    menu.add("delivery", MenuEntry("Delivery", "delivery_staff.index", "delivery.see", 80))
    provider = SegmentField("Mail provider", "choice", providers.condition, providers.choices, group="Mailings")
    segment_fields.add("provider", provider)
    sender_checks.add("doctor", sender.look)
    public_menu.add("privacy", PublicEntry(_l("Privacy"), "site_public.privacy", 90, place="foot"))
    sitemap.add("site", _pages)


def _pages() -> list[tuple[str, datetime | None]]:
    return [(url_for("site_public.home"), None), (url_for("site_public.privacy"), None)]
