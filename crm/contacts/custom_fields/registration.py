"""What custom fields add to the menu, segments and merges; what people answered goes with their record."""

from crm.base.registries import MenuEntry, menu, merges
from crm.base.segment_fields import segment_fields
from crm.contacts.custom_fields import merging, questions
from crm.contacts.custom_fields import segment_fields as of_answers


def register() -> None:
    """Enter the menu entry, the fields of segments, and how answers follow in a merge."""
    menu.add("fields", MenuEntry("Custom fields", "fields_staff.index", "contacts.see", 26, within="people"))
    segment_fields.add(questions.HAS_ANSWERED, of_answers.ANSWERED)
    segment_fields.read("custom_fields", of_answers.everything)
    merges.add("custom_fields", merging.merge())
