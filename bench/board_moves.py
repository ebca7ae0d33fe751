"""Is a move on the board ever lost where many move the same cards at once? A thousand moves on fifty cards by eight.

Each client is a process with the whole application, logged in as a user of its own, which moves cards as the script of
the board does: with the version that it last saw. Who is told that somebody else moved the card chooses: every other
time the same move is made again on the present version. Each move carries a reason of its own, by which it is found in
the history afterwards. Every move that was answered with success must be there (or have found the card where it was to
go), none that was refused, and the versions of each card must count up by one, each move beginning where the one before
ended.

    python -m bench.board_moves [--moves 1000] [--cards 50] [--clients 8] [--databases sqlite postgresql]
"""

import argparse
import random
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import func, select

from bench import stage
from crm import create_app
from crm.accounts import sessions
from crm.accounts.models import User
from crm.contacts.models import Contact, TimelineEntry
from crm.extensions import db
from crm.influencers.models import Influencer, StageChange
from crm.influencers.stages import table

FETCH = {"X-Requested-With": "fetch"}


@dataclass(frozen=True)
class Answer:
    """What a client was told of one move."""

    card: int
    wanted: str
    reason: str
    moved: bool
    version: int
    seconds: float


def main() -> bool:
    """Make the moves on each database, print a JSON line each, and return whether none was lost or out of order."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moves", type=int, default=1000)
    parser.add_argument("--cards", type=int, default=50)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--databases", nargs="+", default=stage.KINDS, choices=stage.KINDS)
    asked = parser.parse_args()
    with stage.folder() as place:
        kept = [trial(kind, place, asked.moves, asked.cards, asked.clients) for kind in asked.databases]
    return all(kept)


def trial(kind: str, place: Path, moves: int, cards: int, clients: int) -> bool:
    """Let the clients move the cards, and look at what was kept."""
    with stage.installation(kind, place, stage.free_port()):
        ids, users = _prepare(cards, clients)
        shares = [moves // clients + (number < moves % clients) for number in range(clients)]
        context = get_context("spawn")
        with context.Pool(clients) as pool, context.Manager() as manager:
            gate = manager.Barrier(clients)  # All begin at once, when the last of them is ready.
            work = [(user, ids, share, gate) for user, share in zip(users, shares, strict=True)]
            begun = [pool.apply_async(client, one) for one in work]
            told = [one.get(timeout=600) for one in begun]
        answers = [answer for _, found in told for answer in found]
        seconds = max(took for took, _ in told)
        db.session.remove()
        faults, changes = _faults(answers, ids)
    times = sorted(answer.seconds * 1000 for answer in answers)
    accepted = sum(answer.moved for answer in answers)
    stage.tell(
        bench="board moves",
        database=kind,
        clients=clients,
        cards=cards,
        moves=moves,
        tried_again=len(answers) - moves,
        accepted=accepted,
        of_them_there_already=accepted - changes,
        told_of_another=len(answers) - accepted,
        in_the_history=changes,
        faults=sum(faults.values()),
        **faults,
        moves_a_second=round(len(answers) / seconds),
        median_ms=round(statistics.median(times), 1),
        p95_ms=round(times[int(len(times) * 0.95)], 1),
    )
    return not faults and len(answers) >= moves


def client(user_id: int, cards: list[int], moves: int, gate) -> tuple[float, list[Answer]]:
    """Make so many moves as that user; return the seconds that they took, and what was answered."""
    app = create_app({"WTF_CSRF_ENABLED": False, "PUBLIC_URL": "http://localhost"})
    browser = app.test_client()
    with app.app_context():
        user = db.session.get(User, user_id)
        values = {**sessions.opened(user), "_user_id": user.get_id(), "_fresh": True}
        stages = list(table.labels())
        db.session.commit()
        db.session.remove()
    with browser.session_transaction() as session:
        session.update(values)
    gate.wait()
    begun = time.monotonic()
    answers = _play(browser, random.Random(user_id), user_id, cards, stages, moves)
    return time.monotonic() - begun, answers


def _play(
    browser, chance: random.Random, user_id: int, cards: list[int], stages: list[str], moves: int
) -> list[Answer]:
    seen, answers = dict.fromkeys(cards, 1), []
    for number in range(moves):
        card, wanted = chance.choice(cards), chance.choice(stages)
        answers.append(_move(browser, card, wanted, seen, f"{user_id}-{number}"))
        if not answers[-1].moved and number % 2:
            answers.append(_move(browser, card, wanted, seen, f"{user_id}-{number}-again"))
    return answers


def _move(browser, card: int, wanted: str, seen: dict[int, int], reason: str) -> Answer:
    begun = time.monotonic()
    data = {"stage": wanted, "version": seen[card], "reason": reason}
    answer = browser.post(f"/staff/influencers/{card}/move", data=data, headers=FETCH)
    assert answer.status_code in (200, 409), answer.text
    seen[card] = answer.json["version"]
    moved = answer.status_code == 200
    assert moved or answer.json["message"], "refused without a word"
    return Answer(card, wanted, reason, moved, answer.json["version"], time.monotonic() - begun)


def _prepare(cards: int, clients: int) -> tuple[list[int], list[int]]:
    users = [User(email=f"user{n}@crm.example", name=f"User {n}", role="organizer") for n in range(clients)]
    people = [Influencer(contact=Contact(last_name=f"Card {n}", share_code=f"s{n}")) for n in range(cards)]
    db.session.add_all([*users, *people])
    db.session.commit()
    return [one.id for one in people], [user.id for user in users]


def _faults(answers: list[Answer], cards: list[int]) -> tuple[Counter[str], int]:
    """Return what is wrong with the history, by kind, and how many moves are in it."""
    changes = list(db.session.scalars(select(StageChange).order_by(StageChange.influencer_id, StageChange.version)))
    kept = {change.reason: change for change in changes}
    after = {(change.influencer_id, change.version): change.new_stage for change in changes}
    after |= {(card, 1): "identified" for card in cards}
    faults: Counter[str] = Counter()
    for answer in answers:
        there = answer.reason in kept or after.get((answer.card, answer.version)) == answer.wanted
        faults["lost"] += answer.moved and not there
        faults["kept_though_refused"] += not answer.moved and answer.reason in kept
    for card in db.session.scalars(select(Influencer).where(Influencer.id.in_(cards))):
        own = [change for change in changes if change.influencer_id == card.id]
        faults["versions_not_in_order"] += [change.version for change in own] != list(range(2, len(own) + 2))
        faults["moves_from_elsewhere"] += sum(one.new_stage != two.old_stage for one, two in pairwise(own))
        last = own[-1] if own else None
        faults["not_where_moved_last"] += last is not None and (card.stage, card.version) != (
            last.new_stage,
            last.version,
        )
    told = db.session.scalar(select(func.count()).select_from(TimelineEntry).where(TimelineEntry.kind == "stage"))
    faults["not_on_the_timeline"] += abs(len(changes) - (told or 0))
    return +faults, len(changes)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
