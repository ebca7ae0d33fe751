"""All mailings that went out in a year, with their numbers as they were counted last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Float, Select, cast, func, select
from sqlalchemy.orm import joinedload

from crm.base.forms import row_number
from crm.campaigns.models import Campaign
from crm.extensions import db
from crm.mailings import parts
from crm.mailings.models import KINDS, Mailing
from crm.mailings.report.models import MailingFigures
from crm.mailings.report.people import LABELS, RATES, rates_of
from crm.organizations import coalition

COLUMNS = {name: LABELS[name] for name in RATES}
COUNTED = ("delivered", "joined")
"""What the list shows as a number; the others it shows of a hundred."""
FIRST_YEAR = 2000


@dataclass(frozen=True)
class Wanted:
    """Which mailings, and in which order: by a column, or by when they went out (went) or their subject."""

    year: int
    kind: str = ""
    campaign: int = 0
    sort: str = "went"
    order: str = "desc"

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of its address."""
        return {name: value for name, value in vars(self).items() if value}


def wanted(arguments: Mapping[str, str]) -> Wanted:
    """Return what the address asks for; what it says otherwise counts as not said."""
    this_year = coalition.today().year
    year = row_number(arguments.get("year", ""))
    sort = arguments.get("sort", "")
    return Wanted(
        year=year if FIRST_YEAR <= year <= this_year else this_year,
        kind=arguments["kind"] if arguments.get("kind") in KINDS else "",
        campaign=row_number(arguments.get("campaign", "")),
        sort=sort if sort in ("subject", *COLUMNS) else "went",
        order="asc" if arguments.get("order") == "asc" else "desc",
    )


def query(asked: Wanted) -> Select[Mailing]:
    """Return the query of these mailings; what was not counted yet stands last."""
    went = Mailing.released_at.between(_begin(asked.year), _begin(asked.year + 1))
    query = select(Mailing).where(went, Mailing.messages.any(), parts.stands_alone())
    query = query.outerjoin(MailingFigures, MailingFigures.mailing_id == Mailing.id)
    query = query.where(Mailing.kind == asked.kind) if asked.kind else query
    query = query.where(Mailing.campaign_id == asked.campaign) if asked.campaign else query
    by = _by(asked.sort)
    ordered = (by.asc() if asked.order == "asc" else by.desc()).nulls_last()
    return query.options(joinedload(Mailing.campaign)).order_by(ordered, Mailing.id.desc())


def figures(mailing_ids: list[int]) -> dict[int, MailingFigures]:
    """Return the numbers of these mailings, by their ids."""
    rows = db.session.scalars(select(MailingFigures).where(MailingFigures.mailing_id.in_(mailing_ids)))
    return {row.mailing_id: row for row in rows}


def rates(row: MailingFigures) -> dict[str, float | None]:
    """Return the rates of a row, of a hundred."""
    return rates_of(vars(row))


def years() -> list[int]:
    """Return the years in which mailings went out, the present one first."""
    first = db.session.scalar(select(func.min(Mailing.released_at)))
    today = coalition.today().year
    begin = first.astimezone(ZoneInfo(coalition.zone())).year if first else today
    return [*range(today, min(begin, today) - 1, -1)]


def campaigns() -> list[tuple[int, str]]:
    """Return the campaigns that mailings belong to."""
    of = select(Mailing.campaign_id).where(Mailing.campaign_id.is_not(None))
    rows = db.session.execute(select(Campaign.id, Campaign.name).where(Campaign.id.in_(of)).order_by(Campaign.name))
    return [(row.id, row.name) for row in rows]


def _begin(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=ZoneInfo(coalition.zone())).astimezone(UTC)


def _by(sort: str) -> ColumnElement[Any]:
    if sort in COUNTED:
        return getattr(MailingFigures, sort)
    if sort in RATES:
        of = func.nullif(getattr(MailingFigures, RATES[sort]), 0)
        return cast(getattr(MailingFigures, sort), Float) / of
    return func.lower(Mailing.subject) if sort == "subject" else Mailing.released_at.expression
