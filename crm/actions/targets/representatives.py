"""Who represents a ZIP code in Congress: by the public district table, and who holds the seats on record."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload

from crm.base import postal_codes
from crm.contacts import districts
from crm.contacts.models import District
from crm.extensions import db
from crm.influencers.models import Influencer
from crm.influencers.offices.models import Holding, Office
from crm.organizations import coalition

HOUSE, SENATE = "us-house:", "us-senate:"
CHAMBERS = {"both": (HOUSE, SENATE), "house": (HOUSE,), "senate": (SENATE,)}
ZIP = re.compile(r"([0-9]{5})(?:[- ]?[0-9]{4})?")


@dataclass(frozen=True, order=True)
class Seat:
    """A district of the House; number 0 where the state is one district."""

    state: str
    number: int

    @property
    def key(self) -> str:
        return f"{self.state}-{self.number}"

    @property
    def label(self) -> str:
        return districts.label(self.state, self.number)


def zip_code(typed: str) -> str:
    """Return the five digits of a ZIP code as typed; "" for what is none."""
    match = ZIP.fullmatch(postal_codes.tidied(typed))
    return match[1] if match else ""


def seats_of(zip_code: str) -> list[Seat]:
    """Return the districts that a ZIP code lies in, in order; none for one that is not in the table."""
    query = select(District.state, District.district).where(District.zip_code == zip_code)
    return sorted(Seat(*row) for row in db.session.execute(query))


def holding(seats: Collection[Seat], chambers: str, organization_id: int | None) -> list[tuple[Influencer, str]]:
    """Return who holds these seats of the House and those of their states in the Senate, each with the office's key.

    Senators come first. Whom another member organization keeps for itself is left out.
    """
    wanted = [*_house(seats)] if HOUSE in CHAMBERS[chambers] else []
    wanted += [*_senate(seats)] if SENATE in CHAMBERS[chambers] else []
    if not wanted:
        return []
    query = (
        select(Influencer, Office.key)
        .join(Holding, Holding.influencer_id == Influencer.id)
        .join(Office, Office.id == Holding.office_id)
        .where(or_(*wanted), Holding.until.is_(None), _seen(organization_id), _in_office())
        .options(joinedload(Influencer.contact))
        .order_by(Office.key.desc(), Influencer.id)
    )
    return [(influencer, key or "") for influencer, key in db.session.execute(query)]


def everybody(chambers: str, organization_id: int | None) -> dict[str, int]:
    """Return how many holders are on record, by chamber."""
    found = {}
    for chamber in CHAMBERS[chambers]:
        query = select(Holding.influencer_id).join(Office).join(Holding.influencer)
        query = query.where(
            Office.key.startswith(chamber), Holding.until.is_(None), _seen(organization_id), _in_office()
        )
        found[chamber] = len(set(db.session.scalars(query)))
    return found


def _house(seats: Collection[Seat]) -> list[ColumnElement[bool]]:
    return [Office.key.in_([f"{HOUSE}{seat.key}" for seat in seats])] if seats else []


def _senate(seats: Collection[Seat]) -> list[ColumnElement[bool]]:
    return [Office.key.startswith(f"{SENATE}{state}-") for state in sorted({seat.state for seat in seats})]


def _seen(organization_id: int | None) -> ColumnElement[bool]:
    shared = Influencer.organization_id.is_(None)
    return shared if organization_id is None else or_(shared, Influencer.organization_id == organization_id)


def _in_office() -> ColumnElement[bool]:
    return or_(Influencer.former_since.is_(None), and_(Influencer.former_since > coalition.today()))
