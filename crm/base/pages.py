"""Paging through a query, or through anything else that is counted."""

from collections.abc import Callable, Sequence
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

    def read(start: int, stop: int) -> Sequence[Any]:
        wanted = query.slice(start, stop)
        if by is not None:
            wanted = query.where(by.in_(wanted.with_only_columns(by)))
        return db.session.scalars(wanted).unique().all()

    return cut(read, count(query), number, per_page=per_page)


def paginate_rows(query: Select[Any], number: int, *, per_page: int = PER_PAGE) -> Page:
    """Return that page of the query's rows, each with all of its columns."""
    return cut(
        lambda start, stop: db.session.execute(query.slice(start, stop)).all(), count(query), number, per_page=per_page
    )


def cut(read: Callable[[int, int], Sequence[Any]], total: int, number: int, *, per_page: int = PER_PAGE) -> Page:
    """Return that page of what `read`(first, end) gives, of which there are `total`."""
    number = min(max(1, number), max(1, ceil(total / per_page)))
    return Page(read((number - 1) * per_page, number * per_page), number, per_page, total)


def count(query: Select[*tuple[Any, ...]]) -> int:
    """Return how many rows the query has."""
    return db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
