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


def paginate(query: Select[Any], number: int, *, per_page: int = PER_PAGE) -> Page:
    """Return that page of the query's entities; a number past the end gives the last page."""
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    number = min(max(1, number), max(1, ceil(total / per_page)))
    rows = db.session.scalars(query.limit(per_page).offset((number - 1) * per_page)).unique().all()
    return Page(rows, number, per_page, total)
