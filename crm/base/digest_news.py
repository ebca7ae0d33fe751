"""What is new for the public: a registry that the subjects fill at assembly, and that digests tell of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm.base.registries import Registry


@dataclass(frozen=True)
class NewsItem:
    """Something that has become public: `path` is that of its page, `at` when it appeared."""

    title: str
    summary: str
    path: str
    at: datetime


@dataclass(frozen=True)
class News:
    """A kind of news: how it is headed (a lazy text), and what of it there is, the newest first.

    `find` takes two moments, of which the second is not included, and the code of a language.
    """

    label: Any
    find: Callable[[datetime, datetime, str], list[NewsItem]]


news: Registry[News] = Registry()
