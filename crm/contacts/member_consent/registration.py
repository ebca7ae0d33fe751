"""What the consent to members adds to the menu, the segments and the wordings to review."""

from sqlalchemy import ColumnElement

from crm.base.forms import row_number
from crm.base.registries import MenuEntry, menu
from crm.base.segment_fields import SegmentField, segment_fields
from crm.contacts import wordings
from crm.contacts.member_consent import agreeing, words
from crm.contacts.segment_tests import is_or_not
from crm.organizations import members


def register() -> None:
    """Enter the menu entry, the field of segments, and the purpose of each member."""
    entry = MenuEntry("Shared with members", "member_consent_staff.index", "contacts.see", 28, within="people")
    menu.add("member_consent", entry)
    field = SegmentField("Shares address with", "choice", _shares, _members, group="Source and consent")
    segment_fields.add("shares_with", field)
    wordings.families.add("member_consent", words.of_purpose)


def _shares(test: str, value: str) -> ColumnElement[bool]:
    return is_or_not(agreeing.ids(row_number(value)), test)


def _members() -> list[tuple[str, str]]:
    return [(str(number), name) for number, name in members.names()]
