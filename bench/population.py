"""Fills a database with as many people, influencers, asks and interactions as a large coalition has after ten years.

Contacts are written by the database itself, in chunks; the rest is dealt out by dice that fall the same each time.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Insert, String, Uuid, case, cast, func, insert, literal, null, select, text

from crm.accounts.models import User
from crm.base import clock
from crm.base.columns import UtcDateTime
from crm.campaigns.models import Campaign
from crm.contacts.models import Contact
from crm.extensions import db
from crm.goals.models import Goal
from crm.influencers.models import Ask, AskChange, Influencer, Interaction, ProfileChange, RestrictedNote, StageChange
from crm.influencers.network.models import Acquaintance
from crm.influencers.positions.models import Position, PositionChange
from crm.influencers.snoozes.models import Snooze
from crm.influencers.tasks.models import Task
from crm.organizations.models import Coalition, Organization

CHUNK, STEP = 50_000, 5_000
MEMBERS, STAFF = 30, 60  # Half of the staff are of members, one each.
STAGES = ("identified", "connected", "engaged", "asked", "champion")
STATES = ("MI", "OH", "NY", "CA", "TX", "WA", "MA", "IL", "GA", "PA")
SECTORS = ("policy", "employer", "educator", "regulator", "service_provider", "funder", "expert", "media")
FIRST = ("Amina", "Bao", "Chidi", "Dolores", "Élise", "Farid", "Grace", "José")
LAST = ("Adams", "Brook", "Chen", "Diaz", "Evans", "Fofana", "Garcia", "Hassan", "Ito", "Jones", "Khan")
BUSY = 20  # So many influencers have a thousand interactions each, where there are enough.
CAMPAIGNS = "ABCDEFGHIJ"

Rows = Iterable[dict[str, Any]]


@dataclass(frozen=True)
class Sizes:
    """How many of each."""

    contacts: int = 1_000_000
    influencers: int = 5_000
    asks: int = 20_000
    interactions: int = 200_000
    acquaintances: int = 50_000
    tasks: int = 20_000


def fill(sizes: Sizes) -> None:
    """Fill an empty, migrated database, and let it look at what it holds; commits."""
    dice = random.Random(4)
    _house()
    for first in range(1, sizes.contacts + 1, CHUNK):
        db.session.execute(_contacts(first, min(first + CHUNK - 1, sizes.contacts)))
        db.session.commit()
    _write(Influencer, (_influencer(number, dice) for number in range(1, sizes.influencers + 1)))
    _write(Ask, (_ask(number, sizes.influencers, dice) for number in range(1, sizes.asks + 1)))
    _write(AskChange, _ask_changes(sizes.asks, dice))
    _write(Interaction, (_interaction(number, sizes, dice) for number in range(1, sizes.interactions + 1)))
    _write(Acquaintance, (_acquaintance(number, sizes, dice) for number in range(sizes.acquaintances)))
    _write(Task, (_task(number, sizes.influencers, dice) for number in range(sizes.tasks)))
    _histories(sizes.influencers)
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _house() -> None:
    days = {"starts_on": _day(-120), "deadline": _day(60)}
    coalition = {"name": "Bridgeway", "sender_name": "Bridgeway", "sender_email": "news@bridgeway.example"}
    db.session.add(Coalition(id=1, postal_address="12 Harbor Street", set_up_at=clock.now(), **coalition))
    db.session.add(Goal(metric="confirmed_sign_ups", title="Sign-ups", target=40_000, **days))
    _write(Organization, ({"name": f"Member {n}", "is_member": True, "via": f"m-{n}"} for n in range(1, MEMBERS + 1)))
    _write(User, (_user(number) for number in range(1, STAFF + 1)))
    _write(Campaign, ({"name": f"Campaign {letter}"} for letter in CAMPAIGNS))


def _user(number: int) -> dict[str, Any]:
    """The first is an admin; every other one belongs to a member."""
    organization = number // 2 if number % 2 == 0 else None
    role = "admin" if number == 1 else "organizer"
    named = {"email": f"u{number}@bridgeway.example", "name": f"User {number}"}
    return {**named, "role": role, "organization_id": organization}


def _contacts(first: int, last: int) -> Insert:
    """Return the statement that writes the contacts of these numbers: a tenth signed up in the last year."""
    numbers = select(literal(first).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < last))
    n = numbers.c.n
    digits = cast(n, String)
    is_sqlite = db.engine.dialect.name == "sqlite"
    public_id = func.printf("%032x", n) if is_sqlite else cast(func.md5(digits), Uuid)
    since = [clock.now() - timedelta(days=3650 * place // 101 + 1) for place in range(101)]
    added = case(dict(enumerate(literal(at, UtcDateTime) for at in since)), value=n % len(since))
    values: dict[str, ColumnElement[Any]] = {
        "public_id": public_id,
        "email": literal("person") + digits + literal("@mail.example"),
        "address_hash": digits,
        "first_name": _one_of(FIRST, n),
        "last_name": _one_of(LAST, n) + literal(" ") + digits,
        "organization_name": literal("Company ") + cast(n % 5000, String),
        "phone": literal(""),
        "city": literal("Harbor"),
        "state": _one_of(STATES, n),
        "zip_code": cast(n % 90000 + 10000, String),
        "language": literal("en"),
        "share_code": literal("s") + digits,
        "created_at": added,
        "updated_at": added,
        "confirmed_at": case((n % 10 == 0, null()), else_=added),
    }
    return insert(Contact).from_select(list(values), select(*values.values()), include_defaults=False)


def _one_of(words: tuple[str, ...], number: ColumnElement[int]) -> ColumnElement[str]:
    return case(dict(enumerate(literal(word) for word in words)), value=number % len(words))


def _influencer(number: int, dice: random.Random) -> dict[str, Any]:
    owner = dice.randint(1, STAFF)
    kept = number % 10 == 0 and owner % 2 == 0
    return {
        "contact_id": number,
        "role": dice.choice(("Chair", "Dean", "Editor", "Member")),
        "state": dice.choice(STATES),
        "sector": dice.choice(SECTORS),
        "interest": dice.randint(1, 5),
        "influence": dice.randint(1, 5),
        "stage": dice.choice(STAGES),
        "stage_since": _moment(dice),
        "owner_id": owner,
        "organization_id": owner // 2 if kept else None,
        "notes": "Met at the spring forum. " * 8,
    }


def _ask(number: int, influencers: int, dice: random.Random) -> dict[str, Any]:
    owner, state = dice.randint(1, STAFF), dice.choice(("planned", "made", "agreed", "declined", "lapsed", "delivered"))
    category = dice.choice(("visibility", "leverage", "resources"))
    return {
        "influencer_id": dice.randint(1, influencers),
        "title": f"Speak at forum {number}",
        "category": category,
        "owner_id": owner,
        "organization_id": owner // 2 if owner % 2 == 0 else None,
        "seen_by": "own" if category == "resources" else "members",
        "campaign_id": dice.randint(1, 10),
        # Whoever has twenty thousand of them keeps most of the open ones in time.
        "due_on": _day(dice.randint(-10, 200) if state in ("planned", "made", "agreed") else -dice.randint(1, 900)),
        "state": state,
        "state_since": _moment(dice),
        "value": dice.randint(1, 90) * 1000,
        "unit": "usd",
        "created_at": _moment(dice),
    }


def _ask_changes(asks: int, dice: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(1, asks + 1):
        at = _moment(dice) - timedelta(days=400)
        for version, (old, new) in enumerate([("", "planned"), ("planned", "made"), ("made", "agreed")], 1):
            user = dice.randint(1, STAFF)
            step = {"old_state": old, "new_state": new, "at": at + timedelta(days=20 * version), "user_id": user}
            yield {"ask_id": number, "version": version, "changes": {}, **step}


def _interaction(number: int, sizes: Sizes, dice: random.Random) -> dict[str, Any]:
    busy = number <= min(BUSY * 1000, sizes.interactions // 10)
    user, ago = dice.randint(1, STAFF), dice.randint(-10, 1400)
    step = "Send the figures" if dice.random() < 0.5 else ""
    is_open = bool(step) and dice.random() < 0.05
    return {
        "contact_id": number % BUSY + 1 if busy else dice.randint(1, sizes.influencers),
        "kind": dice.choice(("meeting", "call", "email", "note")),
        "held_on": _day(-ago),
        "summary": "We spoke about the licensing bill, and what the board would have to see first. " * 3,
        "next_step": step,
        "next_step_due": _day(dice.randint(-5, 120)) if is_open else None,
        "next_step_done_at": clock.now() if step and not is_open else None,
        "user_id": user,
        "organization_id": user // 2 if user % 2 == 0 else None,
        "openness": dice.choice(("open", "open", "open", "ask", "private")),
    }


def _task(number: int, influencers: int, dice: random.Random) -> dict[str, Any]:
    """Every fifth is open, and some of those are late."""
    user, is_open = dice.randint(1, STAFF), number % 5 == 0
    return {
        "influencer_id": dice.randint(1, influencers),
        "title": f"Send paper {number}",
        "due_on": _day(dice.randint(-3, 120) if is_open else -dice.randint(1, 900)),
        "assignee_id": user,
        "made_by_id": user,
        "organization_id": user // 2 if user % 2 == 0 else None,
        "done_at": None if is_open else clock.now(),
        "version": 1,
    }


def _acquaintance(number: int, sizes: Sizes, dice: random.Random) -> dict[str, Any]:
    """A fifth begin with ours; the others are between contacts, a tenth of whom are influencers."""
    people = min(sizes.contacts, 10 * sizes.influencers)
    known = dice.randint(1, people)
    row = {"contact_id": known, "strength": dice.randint(1, 5), "kind": "colleague", "seen_by": "members"}
    row |= {"last_contact_on": _day(-dice.randint(1, 3000)), "source": "bench"}
    row |= {"knower_contact_id": None, "knower_user_id": None, "knower_organization_id": None}
    if number % 5:
        return row | {"knower_contact_id": (known + dice.randint(0, people - 2)) % people + 1}
    if number % 2:
        return row | {"knower_user_id": dice.randint(1, STAFF)}
    return row | {"knower_organization_id": dice.randint(1, MEMBERS)}


def _histories(influencers: int) -> None:
    """Give each influencer moves, edits and a position, and some a snooze and a restricted note."""
    numbers = range(1, influencers + 1)
    move, edit = {"old_stage": "identified", "new_stage": "connected"}, {"changes": {"owner_id": [1, 2]}}
    _write(StageChange, ({"influencer_id": n, "version": v, "user_id": v, **move} for n in numbers for v in (2, 3, 4)))
    _write(ProfileChange, ({"influencer_id": n, "version": v, "user_id": v, **edit} for n in numbers for v in (2, 3)))
    _write(Position, ({"influencer_id": n, "campaign_id": n % 10 + 1, "stance": "supporter"} for n in numbers))
    change = {"old_stance": "unknown", "new_stance": "supporter", "version": 1}
    _write(PositionChange, ({"position_id": n, "user_id": n % STAFF + 1, **change} for n in numbers))
    some = range(1, influencers + 1, 10)
    _write(Snooze, ({"influencer_id": n, "reason": "On leave", "until": _day(n % 60), "user_id": 1} for n in some))
    note = {"text": "Only for us", "user_id": 1, "organization_id": None}
    _write(RestrictedNote, ({"influencer_id": n, **note} for n in some))


def _write(model: Any, rows: Rows) -> None:
    rest = iter(rows)
    while chunk := list(islice(rest, STEP)):
        db.session.execute(insert(model), chunk)
    db.session.commit()


def _day(later: int) -> date:
    return clock.today("UTC") + timedelta(days=later)


def _moment(dice: random.Random) -> datetime:
    return datetime.combine(_day(-dice.randint(1, 900)), time(dice.randint(8, 18), dice.randint(0, 59)), UTC)
