"""What stands on the calendar: each subject finds its own entries, and moves those that can be moved."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from crm.base import clock
from crm.base.registries import Registry

MOST = 1_000
"""How many entries of one source are shown at once."""


@dataclass(frozen=True)
class Window:
    """The days that are looked at, both included, as the clocks of `user` tell them; `user` is a User, who looks.

    `mine`: only what is the user's own. `part` narrows a source to one of its parts. `closed`: canceled ones too.
    """

    first: date
    last: date
    user: Any
    mine: bool = False
    campaign_id: int | None = None
    part: str = ""
    closed: bool = False

    @property
    def since(self) -> datetime:
        """The moment at which the first day begins."""
        return clock.midnight(self.first, self.user.zone)

    @property
    def until(self) -> datetime:
        """The moment at which the last day is over."""
        return clock.midnight(self.last + timedelta(days=1), self.user.zone)

    def day_of(self, moment: datetime) -> date:
        """Return the day of a moment on the user's calendar."""
        return clock.day_of(moment, self.user.zone)


@dataclass(frozen=True)
class Entry:
    """Something on a day of the calendar (None: on none yet), perhaps at a moment (UTC) of it.

    `name` is its own and stays (ask-7); `what` says what it is, `whom` about or with whom, `whose` who sees to it.
    `version` counts its changes upward, the last of them was at `changed_at`; `seen` is what must not have changed when
    it is moved. `tone` is how it is drawn: plain, draft, done or closed (canceled).
    """

    name: str
    id: int
    day: date | None
    title: str
    what: str
    url: str
    version: int
    changed_at: datetime
    at: datetime | None = None
    lasts: timedelta = timedelta(minutes=15)
    whom: str = ""
    whose: str = ""
    tone: str = "plain"
    movable: bool = False
    seen: str = ""


@dataclass(frozen=True)
class Running:
    """Something that runs for days on end, since one and until another (None: no end is known)."""

    title: str
    what: str
    url: str
    since: date
    until: date | None = None


@dataclass(frozen=True)
class Move:
    """To which day (None: to none) an entry shall go, and as what it was `seen`; `known`: the warning agreed to."""

    day: date | None
    seen: str
    known: str = ""


@dataclass(frozen=True)
class Moved:
    """Where an entry is now, where it was, and in words what else there is to know."""

    entry: Entry
    was: date | None
    note: str = ""


class NotMoved(Exception):
    """The entry stays where it is; the message says why and what to do. `entry` is how it stands now.

    `know` names the warning that has to be agreed to, where that is all that is missing.
    """

    def __init__(self, message: str, entry: Entry | None = None, know: str = "") -> None:
        super().__init__(message)
        self.entry = entry
        self.know = know


@dataclass(frozen=True)
class Source:
    """Where entries of one kind come from.

    `find` returns those of a window, up to MOST + 1 of them. `get` returns one as the user sees it, on whatever day;
    `move` moves it, raises NotMoved and does not commit. `running` returns what runs in a window.
    """

    label: str
    permission: str
    order: int
    find: Callable[[Window], list[Entry]]
    parts: Mapping[str, str] = field(default_factory=dict)
    get: Callable[[int, Any], Entry | None] | None = None
    move: Callable[[int, Move, Any], Moved] | None = None
    running: Callable[[Window], list[Running]] | None = None


calendar_entries: Registry[Source] = Registry()
"""What the calendar shows, by kind: filled by subjects."""
