"""The support behind what is asked of an influencer, as the subjects that registered theirs count it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from crm.accounts.models import User
from crm.base.registries import Constituency, Supporters, supports
from crm.contacts.constituents import doing
from crm.contacts.constituents.counting import last_months
from crm.contacts.districts import abbreviation
from crm.influencers.models import Influencer
from crm.influencers.profiles import SECTORS


@dataclass(frozen=True)
class Backing:
    """One kind of support: how many, and the pages behind the numbers ("" where the user may not open them)."""

    label: str
    help: str
    supporters: Supporters
    url: str
    url_of_new: str

    @property
    def new(self) -> int:
        """How many came in the last months."""
        return sum(self.supporters.by_month)


@dataclass(frozen=True)
class Support:
    """All support behind the asks made to one influencer: whose, in words, and in which months.

    `area` is district or state; "" where people of a sector are counted, or nobody.
    """

    whose: str
    area: str
    months: Sequence[date]
    kinds: Sequence[Backing]


def of(influencer: Influencer, user: User, today: date) -> Support:
    """Return the support from the influencer's state or district, or else from people tagged as the sector is named.

    What people did is counted by one query, and told where anybody did.
    """
    whom, months = constituency(influencer), last_months(today)
    if whom is None:
        return Support("", "", months, ())
    kinds = []
    did = doing.count({name: kind.rows for name, kind in supports.items() if kind.rows is not None}, whom, months)
    counts = did | {name: kind.count(whom, months) for name, kind in supports.items() if kind.count}
    for name, support in supports.items():
        found, may = counts[name], user.may(support.permission)
        if name in did and not found.total:
            continue
        urls = (support.url(whom, None), support.url(whom, months[0])) if may else ("", "")
        kinds.append(Backing(support.label, support.help, found, *urls))
    if whom.tag:
        return Support(f"people tagged “{whom.tag}”", "", months, kinds)
    return Support(influencer.constituency, "state" if whom.district is None else "district", months, kinds)


def constituency(influencer: Influencer) -> Constituency | None:
    """Return whose support counts for the influencer; None where neither a state nor a sector is on record."""
    state, district = abbreviation(influencer.state.strip()), influencer.district.strip()
    if state:
        return Constituency(state, int(district) if district.isascii() and district.isdigit() else None)
    return Constituency(tag=SECTORS[influencer.sector]) if influencer.sector in SECTORS else None
