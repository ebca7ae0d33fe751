"""What the site itself adds to the menus, to its own pages, and to what segments can ask for."""

from datetime import datetime

from flask import url_for
from flask_babel import lazy_gettext as _l

from crm.base.block_kinds import picture_users
from crm.base.public_pages import HomePart, PublicEntry, home_parts, house_colors, public_menu, sitemap
from crm.base.registries import MenuEntry, menu
from crm.base.segment_fields import SegmentField, segment_fields
from crm.base.sender_checks import sender_checks
from crm.base.stories import Stories, stories
from crm.site import providers, public_navigation
from crm.site.doctor import sender
from crm.site.growth import registration as growth
from crm.site.members import listing as members
from crm.site.news import listing as news
from crm.site.news import public as news_pages
from crm.site.pages import keeping, places
from crm.site.stories import listing as all_stories


def register() -> None:
    """Add the dashboard, the website, the mail provider of its table, and what the doctor says of the sender."""
    menu.add("today", MenuEntry("Today", "site_staff.index", "dashboard.see", 0))
    menu.add("delivery", MenuEntry("Delivery", "delivery_staff.index", "delivery.see", 80))
    menu.add("website", MenuEntry("Website", "site_pages.index", "site.see", 75))
    provider = SegmentField("Mail provider", "choice", providers.condition, providers.choices, group="Mailings")
    segment_fields.add("provider", provider)
    sender_checks.add("doctor", sender.look)
    picture_users.add("site", keeping.pictures_shown)
    house_colors.add("site", public_navigation.color_of_links)
    home_parts.add("news", HomePart("site/news/home.html", news_pages.on_home, 90))
    stories.add("site", Stories(all_stories.written, all_stories.find_written))
    sitemap.add("site", _pages)
    sitemap.add("pages", places.for_search)
    sitemap.add("members", members.pages)
    _add_to_public_menu()


def _add_to_public_menu() -> None:
    entries = {
        "about": PublicEntry(_l("About us"), "site_content.about", 10),
        "members": PublicEntry(_l("Members"), "members_public.index", 40, members.any_member),
        "help": PublicEntry(_l("Find help"), "members_public.find_help", 30, members.any_service),
        "news": PublicEntry(_l("News"), "site_news.index", 70, news.any_news),
        "stories": PublicEntry(_l("Stories"), "site_stories.index", 75, all_stories.any_story),
        "signup": PublicEntry(_l("Sign up"), "contacts_public.sign_up", 80),
        "privacy": PublicEntry(_l("Privacy"), "site_public.privacy", 90, place="foot"),
    }
    for name, entry in entries.items():
        public_menu.add(name, entry)
    growth.register()


def _pages() -> list[tuple[str, datetime | None]]:
    endpoints = ["site_public.home", "site_content.about", "site_public.privacy", "contacts_public.sign_up"]
    endpoints += ["site_news.index"] if news.any_news() else []
    endpoints += ["site_stories.index"] if all_stories.any_story() else []
    return [(url_for(endpoint), None) for endpoint in endpoints]
