"""Finding help: the services of members by state, profession and language. Nothing of who asks is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from crm.base.states import NEIGHBORS, STATES
from crm.extensions import db
from crm.organizations.models import Organization
from crm.organizations.offering.models import MemberService
from crm.organizations.offering.professions import PROFESSIONS, SPOKEN

Services = Sequence[MemberService]


@dataclass(frozen=True)
class Wish:
    """What somebody looks for; "" leaves it open."""

    state: str = ""
    profession: str = ""
    language: str = ""

    @property
    def is_open(self) -> bool:
        """Whether nothing was chosen."""
        return not (self.state or self.profession or self.language)


@dataclass(frozen=True)
class Found:
    """The services in the state, then those for the whole country; where there are none, what else may help.

    `wider` holds the wish with one choice less, and how many services that finds; `nearby` lists those in states
    next to it.
    """

    local: Services
    national: Services
    wider: Sequence[tuple[str, Wish, int]] = ()
    nearby: Services = ()


def read(state: str, profession: str, language: str) -> Wish:
    """Return the wish of these words; what is none of the choices is left open."""
    return Wish(
        state if state in STATES else "",
        profession if profession in PROFESSIONS else "",
        language if language in SPOKEN else "",
    )


def find(wish: Wish) -> Found:
    """Return the services that fit, and where none does, what else may help."""
    everything = offered()
    local = [one for one in everything if one.states and _fits(one, wish)]
    national = [one for one in everything if not one.states and _fits(one, wish)]
    if local or national:
        return Found(local, national, nearby=[] if local else _nearby(everything, wish))
    wider = [(name, less, sum(_fits(one, less) for one in everything)) for name, less in _less(wish)]
    return Found([], [], [one for one in wider if one[2]], _nearby(everything, wish))


def offered() -> list[MemberService]:
    """Return the services of all members that are shown, by member and name."""
    query = select(MemberService).join(Organization).where(Organization.is_member, MemberService.shown)
    query = query.options(joinedload(MemberService.organization))
    return list(db.session.scalars(query.order_by(func.lower(Organization.name), MemberService.id)))


def of_member(organization_id: int) -> list[MemberService]:
    """Return the services that a member shows."""
    query = select(MemberService).where(MemberService.organization_id == organization_id, MemberService.shown)
    return list(db.session.scalars(query.order_by(MemberService.id)))


def _fits(one: MemberService, wish: Wish) -> bool:
    asked = ((wish.state, one.states), (wish.profession, one.professions))
    if any(wanted and offers and wanted not in offers for wanted, offers in asked):
        return False
    # A service that names no language speaks English, as all of them do.
    return wish.language in ("", "en") or wish.language in one.languages


def _nearby(everything: Services, wish: Wish) -> Services:
    around = NEIGHBORS.get(wish.state, frozenset())
    elsewhere: Callable[[MemberService], bool] = lambda one: bool(around.intersection(one.states))  # noqa: E731
    return [one for one in everything if elsewhere(one) and _fits(one, replace(wish, state=""))]


def _less(wish: Wish) -> list[tuple[str, Wish]]:
    names = [name for name in ("profession", "language", "state") if getattr(wish, name)]
    return [(name, replace(wish, **{name: ""})) for name in names]
