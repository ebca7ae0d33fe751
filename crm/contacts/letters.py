"""The letters of sign-up. None of them repeats a word that a visitor typed: that would make us a spammer's tool."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import force_locale
from flask_babel import gettext as _

from crm.base import locales
from crm.base.deeds import Deed, deeds
from crm.contacts import links
from crm.contacts.models import Contact, Topic
from crm.delivery import letters

RUSH = 5.0  # Seconds; a change of the templates' words may take so long to show.


@dataclass(frozen=True)
class Asked:
    """Who is asked to confirm a sign-up, in which language, and what for: topics, a deed, or both."""

    contact_id: int
    address: str
    language: str
    sign_up_id: int
    topics: Sequence[Topic]
    deed: Deed | None = None


def confirm(asked: Asked) -> None:
    """Ask whether this address wants the mail, or did the deed, that was sent in its name."""
    _ask("confirm_deed" if asked.deed else "confirm", asked)


def reminder(asked: Asked) -> None:
    """Ask once more."""
    _ask("confirm_deed_reminder" if asked.deed else "confirm_reminder", asked)


def already_subscribed(contact_id: int, address: str, language: str, sign_up_id: int) -> None:
    """Tell a subscriber that nothing needs to be done, and where the preferences are."""
    merge = {"preferences_url": links.preferences(contact_id)}
    letters.send(
        "already_subscribed",
        address,
        locale=language,
        occasion=f"sign-up:{sign_up_id}",
        merge=merge,
        contact_id=contact_id,
        rendered_within=RUSH,
    )


def welcome(contact: Contact, sign_up_id: int) -> None:
    """Greet somebody who has confirmed."""
    merge = {"share_url": links.share(contact), "preferences_url": links.preferences(contact.id)}
    letters.send(
        "welcome",
        contact.email or "",
        locale=contact.language,
        occasion=f"sign-up:{sign_up_id}",
        merge=merge,
        contact_id=contact.id,
    )


def _ask(name: str, asked: Asked) -> None:
    letters.send(
        name,
        asked.address,
        locale=asked.language,
        occasion=f"sign-up:{asked.sign_up_id}",
        merge={"confirm_url": links.confirm(asked.sign_up_id, asked.address), **_what_for(asked)},
        contact_id=asked.contact_id,
        rendered_within=RUSH,
    )


def _what_for(asked: Asked) -> dict[str, str]:
    names = locales.comma(asked.language).join(topic.name(asked.language) for topic in asked.topics)
    if asked.deed is None:
        return {"topics": names}
    with force_locale(asked.language):
        mail = _("You asked for our mail as well, on: %(topics)s", topics=names)
        alone = _("This signs you up for nothing else.")
        question = deeds[asked.deed.kind].question(asked.deed, asked.language)
    return {"question": question, "mail": mail if names else alone}
