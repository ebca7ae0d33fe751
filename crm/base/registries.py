"""Lists that upper rooms fill at assembly, so that lower rooms need not import them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

Entry = TypeVar("Entry")


class Registry(Generic[Entry]):
    """Named entries in the order of their names' first registration; adding one again replaces it.

    `read` adds what stands in the database, by the name of the room: a function that is asked each time.
    """

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._readers: dict[str, Callable[[], dict[str, Entry]]] = {}

    def add(self, name: str, entry: Entry) -> None:
        self._entries[name] = entry

    def read(self, room: str, reader: Callable[[], dict[str, Entry]]) -> None:
        self._readers[room] = reader

    def __getitem__(self, name: str) -> Entry:
        return self._entries[name] if name in self._entries else self._all()[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries or name in self._all()

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._all().values()))

    def items(self) -> list[tuple[str, Entry]]:
        return list(self._all().items())

    def get(self, name: str) -> Entry | None:
        return self._entries[name] if name in self._entries else self._all().get(name)

    def _all(self) -> dict[str, Entry]:
        found = {name: entry for reader in self._readers.values() for name, entry in reader().items()}
        return {**self._entries, **{name: entry for name, entry in found.items() if name not in self._entries}}


@dataclass(frozen=True)
class MenuEntry:
    """A word in the staff menu; shown to those who hold the permission.

    `within` names the entry of the room that this one lies in: it is shown to whoever is in that room. `waiting`
    returns how much waits there; it is asked only where its room is open.
    """

    label: str
    endpoint: str
    permission: str
    order: int
    within: str = ""
    waiting: Callable[[], int] | None = None


@dataclass(frozen=True)
class Panel:
    """A part of the staff dashboard: a template and the function that returns its values."""

    template: str
    values: Callable[[], dict[str, Any]]
    column: str
    order: int


Days = list[tuple[date, str, int, int | None]]
"""A day of the coalition, the label of a source, how many came by it that day, and the member whose source it is."""


@dataclass(frozen=True)
class Metric:
    """Something a goal counts, between two moments (the second is not included).

    `count` returns how many; `by_day` tells when, and by what people came.
    """

    label: str
    count: Callable[[datetime, datetime], int]
    by_day: Callable[[datetime, datetime], Days]


@dataclass(frozen=True)
class Hold:
    """What must not go on by itself in a restored copy, because it may have happened since the backup was made.

    `hold`, told when that was, sees to it and returns how many there were. It runs inside of the transaction that
    restores, on the tables as they were at the backup: so it changes columns by name, and adds no rows. `table` is the
    one that it changes, where there may be backups from before there was one.
    """

    label: str
    hold: Callable[[datetime], int]
    table: str = ""


@dataclass(frozen=True)
class WayOut:
    """How to end a contact's subscription when a signed mail asks for it.

    `address` returns the address of the contact of that id, "" where there is none. `leave` takes that id, the tag of
    the list and where the request came from; it returns whether there is such a contact, and does nothing twice.
    """

    address: Callable[[int], str]
    leave: Callable[[int, str, str], bool]


@dataclass(frozen=True)
class Handover:
    """What a user has in hand, and how another one takes it over, as when somebody leaves.

    `count`(user) returns how much there is. `hand_over`(from, to, by) moves what the receiver may see, each with a line
    in its history, and returns how much; it does not commit.
    """

    label: str
    count: Callable[[Any], int]
    hand_over: Callable[[Any, Any, Any], int]


@dataclass(frozen=True)
class Question:
    """What somebody who has just confirmed a sign-up is asked: a template, and the function that returns its values.

    The function takes the contact's id and the token of the sign-up, with which the answer is sent; None: not asked.
    """

    template: str
    values: Callable[[int, str], dict[str, Any] | None]


@dataclass(frozen=True)
class Constituency:
    """Whose support counts for somebody: who lives in a state or in one district of it, or else who has a tag.

    District 0 is that of a state which is one district.
    """

    state: str = ""
    district: int | None = None
    tag: str = ""

    @property
    def key(self) -> str:
        """How it is named in addresses and tables, e.g. MI, MI-5, tag:Employer."""
        if self.tag:
            return f"tag:{self.tag}"
        return self.state if self.district is None else f"{self.state}-{self.district}"


@dataclass(frozen=True)
class Supporters:
    """How many there are in all, and how many came in each of the months that were asked for.

    `neighboring`: of all, those who may live in a neighboring district. `counted_at`: when that was; None: never yet.
    """

    total: int = 0
    by_month: Sequence[int] = ()
    neighboring: int = 0
    counted_at: datetime | None = None


@dataclass(frozen=True)
class Support:
    """Something that people do and that stands behind an ask.

    `count` takes a constituency and the first days of months, the oldest first; in its stead `rows` is the select of
    who did it and when, and all that have one are counted by a single query. `url` returns the address of the page
    that lists whom it counted since a day (None: all), for those who hold the permission. `help` says who counts.
    """

    label: str
    count: Callable[[Constituency, Sequence[date]], Supporters] | None
    url: Callable[[Constituency, date | None], str]
    permission: str
    help: str
    rows: Any = None


@dataclass(frozen=True)
class Choice:
    """A field in which two contacts may differ: what stands there of the one that is kept, and of the one that goes."""

    name: str
    label: str
    kept: str
    gone: str


@dataclass(frozen=True)
class Merge:
    """How the rows of a subject follow when one contact becomes part of another; contacts are named by their ids.

    `seen` returns the condition for contacts (by a column of their ids) whom the user may merge. `check` raises
    Refused. `choices` tells the page what differs; `counts` returns, by words for it, the selects that count what
    would move, as far as the user sees it. `follow` gets the names of the choices of which the value of the one
    that goes is kept. What it leaves, and is not named in `tables`, follows by its foreign key, save what the one
    that is kept has already.
    """

    seen: Callable[[Any, Any], Any]
    check: Callable[[int, int, Any], None]
    choices: Callable[[int, int], list[Choice]]
    counts: Callable[[int, Any], Mapping[str, Any]]
    follow: Callable[[int, int, Collection[str], Any], None]
    tables: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Erasure:
    """What a subject does before the row of a contact who asked to be forgotten is deleted.

    What names the contact by a foreign key that cascades goes by itself. `forget` takes the id, sees to the rest, and
    returns the files to delete once that is committed.
    """

    label: str
    forget: Callable[[int], Iterable[Path]]


@dataclass(frozen=True)
class Mark:
    """What a contact is besides, in a word, and the address of the page that tells it."""

    label: str
    url: str


menu: Registry[MenuEntry] = Registry()
marks: Registry[Callable[[Collection[int]], dict[int, Mark]]] = Registry()
"""Of which of these contacts there is another page, as far as the user may see it: functions from ids to marks."""
panels: Registry[Panel] = Registry()
account_panels: Registry[Panel] = Registry()
"""What stands on the own account, below name and time zone; the template gets the values as `told`."""
metrics: Registry[Metric] = Registry()
segment_users: Registry[Callable[[int], list[tuple[str, str]]]] = Registry()
"""Who needs a segment: functions from its id to (label, address of the page) of each; such a segment is not deleted."""
letter_frames: Registry[Callable[[], dict[str, Any]]] = Registry()
"""What letters share: functions that return template values; `sender` becomes the From of every letter."""
growing_messages: Registry[Callable[[], Collection[int]]] = Registry()
"""Messages that may get more copies, because their audience is not whole: functions that return their ids.

Who got one already is known from the copies alone, so none of these is pruned.
"""
counted_people: Registry[Callable[[int, Collection[int]], set[int]]] = Registry()
"""What is counted by message of the people who got it: functions from its id and contact ids to those who count.

When their copies are pruned, their number stays under the name of the entry.
"""
holds: Registry[Hold] = Registry()
kept_files: Registry[Callable[[], Iterable[Path]]] = Registry()
"""Files that a backup keeps beside the database, by the name of their folder under INSTANCE_PATH."""
handovers: Registry[Handover] = Registry()
questions: Registry[Question] = Registry()
ask_followers: Registry[Callable[[Any], None]] = Registry()
"""What follows when an ask is planned, or comes to another campaign: functions of it."""
supports: Registry[Support] = Registry()
"""What stands behind an ask, as the page of an influencer and the briefing tell it."""
ways_out: Registry[WayOut] = Registry()
"""Who can be unsubscribed by mail."""
merges: Registry[Merge] = Registry()
profile_unions: Registry[Callable[[int, int], None]] = Registry()
"""What becomes of rows of which an influencer has one alone when two profiles become one: functions of the ids of the
one that is kept and of the one that goes, called before what is left follows by its foreign keys."""
erasures: Registry[Erasure] = Registry()
