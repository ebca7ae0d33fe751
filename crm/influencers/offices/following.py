"""What a file says of offices: who holds which, and who is named no more. Only what the same source brought may end.

`user` is whose staff read the file; whom they do not see keeps office and seats.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base import changes
from crm.base.changes import lock
from crm.extensions import db
from crm.influencers import access
from crm.influencers.models import FormerImportKey, Influencer
from crm.influencers.offices import holdings, seats
from crm.influencers.offices.holdings import GONE, MOVED, SUCCEEDED
from crm.influencers.offices.models import CommitteeSeat, Holding, Office
from crm.influencers.offices.terms import Seats, Term
from crm.influencers.profiles import Facts


@dataclass
class Taken:
    """What came of an import: whether something changed, and how many offices and committee seats ended."""

    changed: bool = False
    offices: int = 0
    seats: int = 0

    def __iadd__(self, other: "Taken") -> "Taken":
        self.changed |= other.changed
        self.offices += other.offices
        self.seats += other.seats
        return self


def concerns(source: str, user: User | None) -> tuple[set[str], set[str]]:
    """Return the ids of the people whom that source brought, and the keys of the offices on record."""
    people = select(Influencer.external_id).where(Influencer.imported_from == source, access.influencers(user))
    keys = select(Office.key).where(Office.key.is_not(None))
    return {one for one in db.session.scalars(people) if one}, {key for key in db.session.scalars(keys) if key}


def missing(source: str, named: Iterable[Facts], user: User | None) -> tuple[list[Holding], int]:
    """Return which holdings that the source brought the file names no more, and how many it brought that last.

    Who began after the newest term in the file is not missing: the file is older.
    """
    told = list(named)
    people, terms = _people(told), [(facts.external_id, facts.term) for facts in told if facts.term]
    pairs = {(people.get(external_id), term.key) for external_id, term in terms}
    newest = max((term.starts_on for _, term in terms if term.starts_on), default=None)
    query = select(Holding).join(Holding.influencer).where(Holding.source == source, Holding.until.is_(None))
    query = query.where(access.influencers(user)).order_by(Holding.id)
    lasting = list(db.session.scalars(query.options(joinedload(Holding.office))))
    # A file of one chamber says nothing of the other; one that names nobody is judged as a whole.
    kinds = {_kind(key) for _, key in pairs}
    lasting = [one for one in lasting if not kinds or _kind(one.office.key or "") in kinds]
    later = [one for one in lasting if newest and one.since and one.since > newest]
    gone = [one for one in lasting if (one.influencer_id, one.office.key) not in pairs and one not in later]
    return gone, len(lasting)


def missing_seats(source: str, named: Iterable[Facts], gone: Collection[Holding], user: User | None) -> tuple[int, int]:
    """Return how many committee seats the file names no more, and how many last of whom the source brought."""
    people = _people(facts := list(named))
    told = {people[one.external_id]: one.seats for one in facts if one.external_id in people}
    left = {one.influencer_id for one in gone} - set(told)
    query = select(CommitteeSeat.influencer_id, CommitteeSeat.code).join(Influencer)
    query = query.where(CommitteeSeat.until.is_(None), Influencer.imported_from == source, access.influencers(user))
    lasting = db.session.execute(query).all()
    return sum(_lost(row.influencer_id, row.code, told, left) for row in lasting), len(lasting)


def take(facts: Facts, source: str, today: date, user: User | None) -> Taken:
    """Let the person of these facts hold the office and the seats that the source says."""
    meant = select(Influencer).where(Influencer.id == _people([facts]).get(facts.external_id, 0))
    influencer = db.session.scalar(meant.where(access.influencers(user)))
    taken = Taken()
    if influencer is None:
        return taken
    if facts.term:
        taken += _take_term(influencer, facts.term, source, today, user)
    if facts.seats is not None and influencer.former_since is None:
        changed, ended = seats.take(influencer, facts.seats, today)
        taken += Taken(changed > 0 or ended > 0, seats=ended)
    return taken


def end_missing(holding_id: int, today: date) -> Taken:
    """End what the file names no more: on the day when the term ended, today where that is yet to come."""
    holding = db.session.get_one(Holding, holding_id)
    lock(holding.office)
    lock(holding)
    if holding.until is not None:
        return Taken()
    return Taken(True, 1, holdings.end(holding, _last_day(holding, None, today), GONE, None))


def _people(named: Collection[Facts]) -> dict[str, int]:
    """Return by external id who is meant: also whose profile became part of another, which has an id of its own."""
    by_key = {one.key: one.external_id for one in named}
    query = select(Influencer.external_id, Influencer.id).where(Influencer.external_id.in_(by_key.values()))
    merged = select(FormerImportKey.key, FormerImportKey.influencer_id).where(FormerImportKey.key.in_(by_key))
    found = {by_key[row.key]: row.influencer_id for row in db.session.execute(merged)}
    return found | {row.external_id: row.id for row in db.session.execute(query)}


def _kind(key: str) -> str:
    """Return of which chamber or body an office is, by its key."""
    return key.partition(":")[0]


def _lost(person: int, code: str, told: dict[int, Seats | None], left: Collection[int]) -> bool:
    present = told.get(person)
    return person in left or (present is not None and code not in {seat["code"] for seat in present})


def _take_term(influencer: Influencer, term: Term, source: str, today: date, user: User | None) -> Taken:
    office, made = _office(term)
    lock(office)
    query = select(Holding).join(Holding.influencer).where(Holding.office_id == office.id, access.influencers(user))
    ever = db.session.scalars(query.order_by(Holding.id).options(joinedload(Holding.influencer))).all()
    own = [one for one in ever if one.influencer_id == influencer.id]
    others = [one for one in ever if one.until is None and one not in own]
    lasting = next((one for one in own if one.until is None), None)
    if lasting is None and not _may_begin(own, others, term):
        return Taken(made)
    taken = Taken(made | _describe(office, term))
    if lasting:
        taken.changed |= _prolong(lasting, term)
    else:
        taken += _replace([] if office.several else others, term.starts_on, SUCCEEDED, today)
        _begin(own, office, influencer, term, source)
        taken.changed = True
    taken += _leave_others(influencer, office, term, source, today)
    return taken


def _office(term: Term) -> tuple[Office, bool]:
    office = db.session.scalar(select(Office).where(Office.key == term.key))
    if office:
        return office, False
    office = Office(key=term.key, imported_facts=dict(term.office))
    changes.keep(office, "office", term.office)
    return office, True


def _may_begin(own: Collection[Holding], others: Collection[Holding], term: Term) -> bool:
    """Tell whether the term begins a holding: not one that ended already, nor one that somebody later took over."""
    starts_on = term.starts_on or date.min
    if any(one.until and one.until >= starts_on and one.ended != GONE for one in own):
        return False
    came = [(one.since or date.min, one.source) for one in others]
    return not any(since > starts_on or (not source and since >= starts_on) for since, source in came)


def _begin(own: Collection[Holding], office: Office, influencer: Influencer, term: Term, source: str) -> None:
    starts_on = term.starts_on or date.min
    lost = next((one for one in own if one.ended == GONE and one.until and one.until >= starts_on), None)
    if lost:
        holdings.reopen(lost, None)
        _prolong(lost, term)
    else:
        holdings.begin(office, influencer, None, since=term.since, term_ends_on=term.ends_on, source=source)


def _describe(office: Office, term: Term) -> bool:
    """Write what the source changed since it was read last, so that edits by hand stay."""
    before = office.imported_facts
    news = {name: value for name, value in term.office.items() if value != before.get(name)}
    if news:
        changes.keep(office, "office", news)
        office.imported_facts = {**before, **news}
    return bool(news)


def _prolong(holding: Holding, term: Term) -> bool:
    """Note another term of the same holder; an older file takes none away."""
    if not term.ends_on or (holding.term_ends_on and term.ends_on <= holding.term_ends_on):
        return False
    changes.keep(holding, "holding", {"term_ends_on": term.ends_on})
    return True


def _leave_others(influencer: Influencer, office: Office, term: Term, source: str, today: date) -> Taken:
    """End what the same source said that the influencer holds, and the file does not name any more."""
    elsewhere = select(Holding).where(
        Holding.influencer_id == influencer.id,
        Holding.office_id != office.id,
        Holding.source == source,
        Holding.until.is_(None),
    )
    return _replace(db.session.scalars(elsewhere).all(), term.starts_on, MOVED, today)


def _replace(lasting: Iterable[Holding], starts_on: date | None, how: str, today: date) -> Taken:
    taken = Taken()
    for one in lasting:
        taken += Taken(True, 1, holdings.end(one, _last_day(one, starts_on, today), how, None))
    return taken


def _last_day(holding: Holding, next_on: date | None, today: date) -> date:
    """Return when it ended: with the term if that is past, or when the next one began; today where neither is known."""
    ends = [day for day in (holding.term_ends_on, next_on) if day and day <= today]
    return max(min(ends, default=today), holding.since or date.min)
