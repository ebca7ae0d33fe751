"""Stories that the public may read: a registry that the subjects fill at assembly, for the one list of them all."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm.base.registries import Registry


@dataclass(frozen=True)
class Story:
    """A story as the list tells it: `who` as they chose to be named ("": not at all), `text` what it is about in short.

    `path` is that of its page, `at` when it was published.
    """

    title: str
    text: str
    who: str
    path: str
    language: str
    at: datetime


@dataclass(frozen=True)
class Stories:
    """The stories that one subject keeps.

    `keys` returns the select of (when it was published, number) of each that may be read now; `find` returns those of
    some numbers, by number.
    """

    keys: Callable[[], Any]
    find: Callable[[Collection[int]], Mapping[int, Story]]


stories: Registry[Stories] = Registry()
