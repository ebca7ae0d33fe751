"""What contacts are besides, as upper rooms tell it."""

from collections.abc import Collection

from crm.base import registries
from crm.base.registries import Mark


def of(contact_ids: Collection[int]) -> dict[int, list[Mark]]:
    """Return the marks of each contact that has some; as many queries as there are kinds of marks."""
    found: dict[int, list[Mark]] = {}
    for tell in registries.marks if contact_ids else ():
        for contact_id, mark in tell(contact_ids).items():
            found.setdefault(contact_id, []).append(mark)
    return found
