"""What is chosen from a list that may offer the newest alone: what a choice is called, though it is not offered."""

from collections.abc import Callable


class Choosing:
    """`choices` returns what is offered (None: nothing is chosen from), value and label of each.

    Where that is not all there is, `named` returns what any value is called, "" for what is none.
    """

    choices: Callable[[], list[tuple[str, str]]] | None
    named: Callable[[str], str] | None

    def called(self, value: str) -> str:
        """Return what a choice is called; "" for what is none (any more)."""
        if self.named:
            return self.named(value)
        return dict(self.choices()).get(value, "") if self.choices else ""

    def offered(self, chosen: str) -> list[tuple[str, str]]:
        """Return the choices, among them the one that stands there, even where it is not offered (any more)."""
        found = self.choices() if self.choices else []
        if not chosen or chosen in dict(found):
            return found
        name = self.named(chosen) if self.named else ""
        return [*found, (chosen, name or f"{chosen} (no longer in use)")]
