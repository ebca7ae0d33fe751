"""Paging through a query."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from sqlalchemy import Select, func, select

from crm.extensions import db

PER_PAGE = 50


@dataclass(frozen=True)
class Page:
    """One page of rows; `total` counts all of them."""

    rows: Sequence[Any]
    page: int
    per_page: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, ceil(self.total / self.per_page))


def paginate(query: Select[Any], number: int, *, per_page: int = PER_PAGE, by: Any = None) -> Page:
    """Return that page of the query's entities; a number past the end gives the last page.

    `by` is their primary key: with it the page is found by keys alone, so that not all the rows before it are read.
    """
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    number = min(max(1, number), max(1, ceil(total / per_page)))
    wanted = query.limit(per_page).offset((number - 1) * per_page)
    if by is not None:
        wanted = query.where(by.in_(wanted.with_only_columns(by)))
    return Page(db.session.scalars(wanted).unique().all(), number, per_page, total)
