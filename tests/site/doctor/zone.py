"""A DNS that says what a test writes."""

from crm.site.doctor.names import NamesError


class Zone:
    """`records` by name and kind; a name in `away` gives no answer."""

    def __init__(self, records: dict[tuple[str, str], list[str]] | None = None, away: tuple[str, ...] = ()) -> None:
        self.known = records or {}
        self.away = away

    def records(self, name: str, kind: str) -> list[str]:
        if name in self.away or "*" in self.away:
            raise NamesError(f"{name} {kind}: LifetimeTimeout")
        return self.known.get((name, kind), [])
