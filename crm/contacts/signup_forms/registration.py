"""What sign-up forms add to the menu, segments, wordings and deeds."""

from sqlalchemy import ColumnElement

from crm.base.block_kinds import blocks
from crm.base.forms import row_number
from crm.base.registries import MenuEntry, menu
from crm.base.segment_fields import SegmentField, segment_fields
from crm.contacts import wordings
from crm.contacts.segment_tests import is_or_not
from crm.contacts.signup_forms import block, keeping, settling


def register() -> None:
    """Enter the menu entry, the field of segments, the purpose of each form, and what a sign-up by it does."""
    menu.add("forms", MenuEntry("Sign-up forms", "signup_forms_staff.index", "contacts.see", 25, within="people"))
    field = SegmentField("Signed up by form", "choice", _by_form, _forms, group="Source and consent")
    segment_fields.add("signup_form", field)
    wordings.families.add("forms", keeping.of_purpose)
    settling.register()
    blocks.add("signup_form", block.kind())


def _by_form(test: str, value: str) -> ColumnElement[bool]:
    return is_or_not(keeping.people(row_number(value)), test)


def _forms() -> list[tuple[str, str]]:
    return [(str(form.id), form.name) for form in keeping.everything()]
