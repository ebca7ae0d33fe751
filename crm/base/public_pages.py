"""What subjects add to the public website: words in its menu, addresses for search engines, parts of the home page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import LazyString

from crm.base.registries import Registry


def always() -> bool:
    """Say that an entry is shown whatever there is."""
    return True


@dataclass(frozen=True)
class PublicEntry:
    """A word in the menu of the public pages: `shown` returns whether there is anything to see behind it now.

    `label` is translated when it is shown. `place`: menu or foot, where it stands unless staff say otherwise.
    """

    label: LazyString
    endpoint: str
    order: int
    shown: Callable[[], bool] = always
    place: str = "menu"


@dataclass(frozen=True)
class HomePart:
    """A part of the home page, below the sign-up form: a template, and the function that returns its values.

    None of the values: there is nothing to show now. The page is kept for some seconds, so neither depends on who asks.
    """

    template: str
    values: Callable[[], dict[str, Any] | None]
    order: int


public_menu: Registry[PublicEntry] = Registry()
sitemap: Registry[Callable[[], Iterable[tuple[str, datetime | None]]]] = Registry()
"""What search engines may find: functions that return (path, when it was last changed) of each public page."""
home_parts: Registry[HomePart] = Registry()
