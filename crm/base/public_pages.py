"""The public website: the address of its pages, and what subjects add to its menu, home page and search engines."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import current_app
from flask_babel import LazyString

from crm.base.registries import Registry


def always() -> bool:
    """Say that an entry is shown whatever there is."""
    return True


def public_url(path: str, **arguments: str) -> str:
    """Return the address of a page as visitors know it, whatever the address of this request."""
    return f"{current_app.config['PUBLIC_URL']}{path}" + (f"?{urlencode(arguments)}" if arguments else "")


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
house_colors: Registry[Callable[[], str]] = Registry()
"""The color of the coalition's own, like #0B5C6B, for what is no page: "" for the standard one."""
