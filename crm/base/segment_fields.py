"""What segments and the list of people can ask of contacts: a registry that the subjects fill at assembly."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crm.base.registries import Registry


@dataclass(frozen=True)
class SegmentField:
    """A field that a segment can ask for: its label, its choices (None: free text or date), its condition, its help.

    `warning` returns in a sentence what is wrong with it at present, "" for nothing. `group`: under which it stands
    in the menu. Where not all choices are offered, `named` returns what any other is called, "" for what is none.
    """

    label: str
    kind: str
    condition: Callable[[str, Any], Any]
    choices: Callable[[], list[tuple[str, str]]] | None = None
    help: str = ""
    warning: Callable[[], str] | None = None
    group: str = "Profile"
    named: Callable[[str], str] | None = None

    def called(self, value: str) -> str:
        """Return what a choice is called; "" for what is none (any more)."""
        known = dict(self.choices()).get(value, "") if self.choices else ""
        return known or (self.named(value) if self.named else "")

    def offered(self, chosen: str) -> list[tuple[str, str]]:
        """Return the choices, among them the one that stands there, even where it is not offered (any more)."""
        found = self.choices() if self.choices else []
        if not chosen or chosen in dict(found):
            return found
        return [*found, (chosen, self.called(chosen) or f"{chosen} (no longer in use)")]


segment_fields: Registry[SegmentField] = Registry()
