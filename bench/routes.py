"""How long does the best way to an influencer take among 50,000 relationships?

python -m bench.routes [--relationships 50000] [--contacts 10000] [--databases sqlite postgresql]

Two networks of that size: one in which everybody knows about as many, and one in which a few know thousands and the
influencer is one of them. Each is measured with strengths spread from 1 to 5, and with all alike (the worst: no weak
ones to leave aside). A look-up is what the page does: the five best ways, told in words.
"""

import argparse
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text

from bench import stage
from crm.accounts.models import User
from crm.base import clock, garbage
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers.network import ways
from crm.influencers.network.models import Acquaintance
from crm.organizations.models import Organization

GOAL_MS = 200.0
STAFF, MEMBERS, INFLUENCERS = 60, 30, 50
HUBS = 12
# Of a hundred relationships so many are of staff and members with contacts; the others are between contacts.
OURS = 20
TIMES = 3
STEP = 5_000


def main() -> bool:
    """Measure on each database, print a JSON line each, and return whether all goals were met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--relationships", type=int, default=50_000)
    parser.add_argument("--contacts", type=int, default=10_000)
    parser.add_argument("--databases", nargs="+", default=stage.KINDS, choices=stage.KINDS)
    asked = parser.parse_args()
    with stage.folder() as place:
        kept = [measure(kind, place, asked.relationships, asked.contacts) for kind in asked.databases]
    return all(kept)


def measure(kind: str, place: Path, relationships: int, contacts: int) -> bool:
    """Fill each network, look the best ways up, and tell the slowest."""
    found: dict[str, Any] = {"bench": "routes", "database": kind, "relationships": relationships, "contacts": contacts}
    slowest = 0.0
    with stage.installation(kind, place, 1):
        _people(contacts)
        for shape in ("even", "hubs"):
            for alike in (False, True):
                _relate(relationships, contacts, hubs=shape == "hubs", alike=alike)
                lengths, shown = _look_up()
                name = f"{shape}_alike" if alike else shape
                found[f"{name}_median_ms"] = round(statistics.median(lengths) * 1000, 1)
                found[f"{name}_slowest_ms"] = round(max(lengths) * 1000, 1)
                found[f"{name}_ways"] = shown
                slowest = max(slowest, max(lengths) * 1000)
    stage.tell(**found, slowest_ms=round(slowest, 1), goal_ms=GOAL_MS)
    return slowest <= GOAL_MS


def _look_up() -> tuple[list[float], int]:
    """Return the seconds of each look-up, and how many ways were found in all; the first of a kind is not counted."""
    lengths, shown = [], 0
    user = db.session.get_one(User, 1)
    ways.best(db.session.get_one(Contact, INFLUENCERS + 1), user)
    garbage.leave_out_what_is_loaded()  # As every process of the program does.
    for contact_id in range(1, INFLUENCERS + 1):
        for turn in range(TIMES):
            db.session.rollback()
            db.session.expunge_all()
            user, contact = db.session.get_one(User, 1), db.session.get_one(Contact, contact_id)
            started = time.monotonic()
            best = ways.best(contact, user)
            lengths.append(time.monotonic() - started)
            shown += len(best) if turn == 0 else 0
    db.session.rollback()
    return lengths, shown


def _people(contacts: int) -> None:
    staff = [{"email": f"s{n}@bridgeway.example", "name": f"Staff {n}", "role": "organizer"} for n in range(STAFF)]
    members = [{"name": f"Member {n}", "is_member": True, "via": f"m-{n}"} for n in range(MEMBERS)]
    db.session.execute(insert(User), staff)
    db.session.execute(insert(Organization), members)
    people = [{"email": f"p{n}@mail.example", "first_name": "Amina", "last_name": f"No. {n}"} for n in range(contacts)]
    for start in range(0, contacts, STEP):
        db.session.execute(insert(Contact), people[start : start + STEP])
    db.session.commit()
    assert db.session.scalar(select(Contact.id).order_by(Contact.id).limit(1)) == 1


def _relate(relationships: int, contacts: int, *, hubs: bool, alike: bool) -> None:
    dice = random.Random(f"{hubs} {alike}")
    db.session.execute(text("DELETE FROM acquaintance"))
    rows = [_row(number, contacts, dice, hubs, alike) for number in range(relationships)]
    for start in range(0, relationships, STEP):
        db.session.execute(insert(Acquaintance), rows[start : start + STEP])
    db.session.commit()
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _row(number: int, contacts: int, dice: random.Random, hubs: bool, alike: bool) -> dict[str, Any]:
    known = dice.randint(1, HUBS) if hubs and dice.random() < 0.7 else dice.randint(1, contacts)
    row = {
        "contact_id": known,
        "knower_contact_id": None,
        "knower_user_id": None,
        "knower_organization_id": None,
        "strength": 3 if alike else dice.randint(1, 5),
        "kind": "colleague",
        "last_contact_on": clock.today("UTC").replace(year=dice.randint(2015, 2025), day=dice.randint(1, 28)),
        "seen_by": "members",
        "source": "bench",
    }
    if number % 100 < OURS:
        # Nobody of ours knows an influencer: the ways must be walked to their end.
        row["contact_id"] = dice.randint(INFLUENCERS + 1, contacts)
        ours = dice.randint(1, STAFF + MEMBERS)
        row["knower_user_id" if ours <= STAFF else "knower_organization_id"] = ours if ours <= STAFF else ours - STAFF
    else:
        row["knower_contact_id"] = (known - 1 + dice.randint(1, contacts - 1)) % contacts + 1
    return row


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
