"""What actions add to the menus, to segments, goals, sequences and the calendar, and how they follow people."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_login import current_user

from crm.actions import (
    block,
    counting,
    dates,
    kinds,
    listing,
    merging,
    pages,
    petitions,
    signatures,
    withdrawing,
)
from crm.actions.pictures import keeping as pictures
from crm.actions.share_kits import kit
from crm.actions.sign_on import counting as organizations
from crm.actions.sign_on import forgetting, letter, signing
from crm.actions.submissions import counting as sent_forms
from crm.actions.submissions import form, sending, stories
from crm.base.acted import Act, acted
from crm.base.activities import activities
from crm.base.block_kinds import blocks
from crm.base.calendars import Source, calendar_entries
from crm.base.deeds import deeds
from crm.base.digest_news import News, news
from crm.base.public_pages import HomePart, PublicEntry, home_parts, public_menu, sitemap
from crm.base.registries import (
    Erasure,
    MenuEntry,
    Metric,
    erasures,
    kept_files,
    menu,
    merges,
    metrics,
    supports,
)
from crm.base.stories import Stories
from crm.base.stories import stories as all_stories
from crm.base.triggers import Trigger, triggers
from crm.contacts.constituents import doing


def register() -> None:
    """Enter them all."""
    menu.add("actions", MenuEntry("Actions", "actions_staff.index", "actions.see", 45, waiting=_waiting))
    public_menu.add("actions", PublicEntry(_l("Take action"), "actions_public.index", 20, listing.anything))
    sitemap.add("actions", listing.addresses_for_search)
    home_parts.add("actions", HomePart("actions/public/home.html", home, 10))
    news.add("actions", News(_l("Take action"), listing.fresh))
    calendar_entries.add("actions", Source("Actions", "actions.see", 25, dates.find))
    blocks.add("action", block.kind())
    kept_files.add(pictures.SHELF.folder, pictures.SHELF.files)
    merges.add("actions", merging.merge())
    _petitions()
    kinds.kinds.add("share_kit", kit.kind())
    _letters_of_organizations()
    _forms()


def _petitions() -> None:
    kinds.kinds.add("petition", petitions.kind())
    deeds.add(signatures.DEED, petitions.deed())
    withdrawing.withdrawables.add(signatures.DEED, withdrawing.signature)
    metrics.add("signatures", Metric("Signatures", counting.count, counting.by_day))
    triggers.add("signed", Trigger("Signed the petition", counting.who, counting.choices, named=listing.choice_named))
    activities.add("signatures", counting.since)
    acted.add("signatures", Act("Signed", counting.by_sources))
    counting.register()
    who = "People with a proven signature under a petition"
    supports.add("signatures", doing.support("People who signed petitions", who, "signed_from", counting.signed()))


def _letters_of_organizations() -> None:
    kinds.kinds.add("sign_on", letter.kind())
    deeds.add(signing.DEED, letter.deed())
    withdrawing.withdrawables.add(signing.DEED, letter.withdrawable)
    erasures.add("sign-ons", Erasure("names of who signed for organizations", forgetting.forget))
    organizations.register()


def _forms() -> None:
    kinds.kinds.add("form", form.kind())
    deeds.add(sending.DEED, form.deed())
    withdrawing.withdrawables.add(sending.DEED, form.withdrawable)
    erasures.add("submissions", Erasure("stories that people sent", sending.forget))
    all_stories.add("submissions", Stories(stories.keys, stories.find))
    sitemap.add("stories", stories.addresses_for_search)
    sent_forms.register()


def _waiting() -> int:
    """Return how many comments, organizations and stories wait for the user's word."""
    return counting.waiting() + signing.waiting(current_user) + sending.waiting()


def home() -> dict[str, Any] | None:
    """Return the actions that the home page leads to; None where nothing can be done now."""
    found = list(listing.open_now(3))
    return {"actions": found, "tell": pages.told} if found else None
