"""The letters of sign-up. None of them repeats a word that a visitor typed: that would make us a spammer's tool."""

from collections.abc import Sequence

from crm.base import locales
from crm.contacts import links
from crm.contacts.models import Contact, Topic
from crm.delivery import letters

RUSH = 5.0  # Seconds; a change of the templates' words may take so long to show.


def confirm(contact_id: int, address: str, language: str, sign_up_id: int, topics: Sequence[Topic]) -> None:
    """Ask whether this address wants the mail that was asked for it."""
    _ask("confirm", contact_id, address, language, sign_up_id, topics)


def reminder(contact_id: int, address: str, language: str, sign_up_id: int, topics: Sequence[Topic]) -> None:
    """Ask once more."""
    _ask("confirm_reminder", contact_id, address, language, sign_up_id, topics)


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


def _ask(name: str, contact_id: int, address: str, language: str, sign_up_id: int, topics: Sequence[Topic]) -> None:
    names = locales.comma(language).join(topic.name(language) for topic in topics)
    merge = {"confirm_url": links.confirm(sign_up_id), "topics": names}
    letters.send(
        name,
        address,
        locale=language,
        occasion=f"sign-up:{sign_up_id}",
        merge=merge,
        contact_id=contact_id,
        rendered_within=RUSH,
    )
