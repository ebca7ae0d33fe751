"""Merge fields of mailings: a closed list, each with its label and how the database computes it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, literal, null

from crm.base.columns import Json
from crm.base.public_pages import public_url
from crm.contacts.click_consent import agreeing
from crm.contacts.models import Contact
from crm.delivery import freezing, merge_fields


@dataclass(frozen=True)
class MergeField:
    """One field: what staff read in the menu, and whether it stands for a link (`url`) or for text."""

    label: str
    kind: str = "text"


FIELDS = {
    "first_name": MergeField("First name"),
    "last_name": MergeField("Last name"),
    "full_name": MergeField("Full name"),
    "organization": MergeField("Organization"),
    "city": MergeField("City"),
    "state": MergeField("State"),
    "share_url": MergeField("Sign-up link that credits the recipient", "url"),
    "unsubscribe_url": MergeField("Unsubscribe link", "url"),
    "preferences_url": MergeField("Preferences link", "url"),
}
GREETED = ("first_name", "full_name")
GREETINGS = {"en": "friend", "es": "amiga o amigo", "ar": "صديقنا العزيز"}
LINKS = frozenset(name for name, field in FIELDS.items() if field.kind == "url")
# The sender makes these itself for each delivery (RFC 8058 wants a link of the recipient's own).
MADE_ON_SENDING = frozenset(merge_fields.LINK_FIELDS)
# What links of our own carry; nobody types them. The first stands in the layout, the second ends counted links.
CARRIED = SHARE_CODE, CLICK_MARK = "share_code", "click_mark"
KNOWN = frozenset({*FIELDS, SHARE_CODE})


def typed(name: str, language: str) -> str:
    """Return the field as one types it; a name comes with the word that greets whose name is not on record."""
    return f'{{{{ {name} | default: "{GREETINGS[language]}" }}}}' if name in GREETED else f"{{{{ {name} }}}}"


def expression(name: str) -> ColumnElement[str]:
    """Return the SQL value of a field for a row of contacts; never NULL."""
    names = {
        "first_name": Contact.first_name,
        "last_name": Contact.last_name,
        "full_name": func.trim(Contact.first_name + " " + Contact.last_name),
        "organization": Contact.organization_name,
        "city": Contact.city,
        "state": Contact.state,
        "share_url": literal(public_url("/?via="), String) + Contact.share_code,
        SHARE_CODE: Contact.share_code,
    }
    return agreeing.mark() if name == CLICK_MARK else func.trim(names[name])


def merge_json(names: Collection[str]) -> ColumnElement[Any]:
    """Return the SQL expression of the JSON object that a delivery of these fields carries; NULL for none."""
    wanted = [name for name in (*FIELDS, *CARRIED) if name in names and name not in MADE_ON_SENDING]
    if not wanted:
        return cast(null(), Json)
    pairs = [part for name in wanted for part in (literal(name, String), expression(name))]
    return freezing.merge_values(*pairs)


def values_for(contact: Contact | None) -> dict[str, str]:
    """Return every field's value for a preview or a test as that contact; for nobody, all text fields are empty.

    The links that would end a subscription lead to a page that explains it, so that a reviewer's click ends none.
    """
    public = public_url("")
    values = dict.fromkeys(KNOWN, "") | dict.fromkeys(MADE_ON_SENDING, f"{public}/test-link")
    if contact is None:
        return values | {"share_url": f"{public}/"}
    texts = {"first_name": contact.first_name, "last_name": contact.last_name, "city": contact.city}
    texts |= {"organization": contact.organization_name, "state": contact.state}
    texts |= {"full_name": f"{contact.first_name} {contact.last_name}"}
    values |= {name: text.strip() for name, text in texts.items()}
    return values | {"share_url": f"{public}/?via={contact.share_code}", SHARE_CODE: contact.share_code}


def is_empty(name: str) -> ColumnElement[bool]:
    """Return the condition that a contact has nothing to put into that field."""
    return expression(name) == ""
