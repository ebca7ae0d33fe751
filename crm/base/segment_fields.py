"""What segments and the list of people can ask of contacts: a registry that the subjects fill at assembly."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crm.base.choosing import Choosing
from crm.base.registries import Registry


@dataclass(frozen=True)
class SegmentField(Choosing):
    """A field that a segment can ask for: its label, its choices (None: free text or date), its condition, its help.

    `warning` returns in a sentence what is wrong with it at present, "" for nothing. `group`: under which it stands
    in the menu.
    """

    label: str
    kind: str
    condition: Callable[[str, Any], Any]
    choices: Callable[[], list[tuple[str, str]]] | None = None
    help: str = ""
    warning: Callable[[], str] | None = None
    group: str = "Profile"
    named: Callable[[str], str] | None = None


segment_fields: Registry[SegmentField] = Registry()
