"""Does anything get lost over a thousand random SIGKILLs, and fifty at each point between two steps?

Senders come from a parent that has the program in memory, so that a killed one is replaced in a moment. Every database
and mode gets its share of the kills, at a random progress that the server sees; then each failpoint its fifty.

    python -m bench.kill_storm [--kills 1000] [--recipients 200000] [--deaths 50] [--databases sqlite postgresql]
                               [--modes resend hold] [--points taken …]
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bench import kill_trial, stage
from bench.counting_sink import CountingSink
from bench.nursery import Nursery
from crm.delivery import failpoints
from crm.extensions import db

SENDERS = 2
MODES = ("resend", "hold")
ANSWER_SECONDS = 0.02
BATCHES = ("taken", "recorded", "settled")  # reached once a batch, or once a dead worker; the others once a mail
RECIPIENTS_A_DEATH = {"settled": 600}  # For one that dies there, others have died before.
OTHERWISE = 60
Storm = Callable[[Nursery, CountingSink, int, int], int]
"""Kills senders so often, while a mailing goes to so many; returns how many died."""


def main() -> bool:
    """Run all trials, print a JSON line each, and return whether all bounds were kept."""
    asked = _arguments()
    shares = len(asked.databases) * len(asked.modes)
    kept = []
    with stage.folder() as place:
        for kind in asked.databases:
            for mode in asked.modes:
                kills, recipients = asked.kills // shares, asked.recipients // shares
                if kills:
                    kept.append(_trial(kind, mode, place, recipients, kills, _random_kills))
                for point in asked.points if asked.deaths else ():
                    recipients = asked.deaths * RECIPIENTS_A_DEATH.get(point, OTHERWISE)
                    kept.append(_trial(kind, mode, place, recipients, asked.deaths, _deaths_at(point), point=point))
    return all(kept)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--recipients", type=int, default=200_000)
    parser.add_argument("--deaths", type=int, default=50)
    parser.add_argument("--databases", nargs="+", default=stage.KINDS, choices=stage.KINDS)
    parser.add_argument("--modes", nargs="+", default=MODES, choices=MODES)
    parser.add_argument("--points", nargs="+", default=failpoints.POINTS, choices=failpoints.POINTS)
    return parser.parse_args()


def _trial(kind: str, mode: str, place: Path, recipients: int, kills: int, storm: Storm, **told: str) -> bool:
    """Let a storm go over one mailing, let it finish, and print what became of it."""
    with CountingSink(ANSWER_SECONDS) as sink, stage.installation(kind, place, sink.port) as installation:
        message = stage.queue_mailing(recipients, kilobytes=3, on_uncertain=mode)
        db.session.commit()
        started = time.monotonic()
        with Nursery(installation.environment) as nursery:
            died = storm(nursery, sink, kills, recipients) + len(nursery.alive)  # who lives is killed at the end
        sink.delay = 0
        last = installation.start("worker", "--until-idle", **kill_trial.QUIET)
        last.wait(kill_trial.PATIENCE_SECONDS * 2)
        counts = kill_trial.judge(message.id, sink)
    counts |= {"bench": "kill storm", "database": kind, "mode": mode, "kills": died, "recipients": recipients}
    counts |= {"bound": died * kill_trial.CONNECTIONS, "seconds": round(time.monotonic() - started), **told}
    stage.tell(**counts)
    return kill_trial.kept(counts, mode)


def _random_kills(nursery: Nursery, sink: CountingSink, kills: int, recipients: int) -> int:
    """Kill one of the senders, and at times both, at random moments of their progress."""
    chance = random.Random(20261122)
    died, longest = 0, max(2, int(0.9 * 2 * recipients / kills))
    while died < kills:
        while len(nursery.alive) < SENDERS:
            nursery.start()
        _await(sink, sink.accepted + chance.randint(1, longest))
        victims = list(nursery.alive) if chance.random() < 0.1 else [chance.choice(sorted(nursery.alive))]
        for pid in victims:
            nursery.kill(pid)
        died += len(victims)
    return died


def _deaths_at(point: str) -> Storm:
    """Return a storm in which senders die by themselves, so many of them at that point."""

    def storm(nursery: Nursery, sink: CountingSink, deaths: int, _recipients: int) -> int:
        chance = random.Random(point)
        places, died, last = dict[int, str](), Counter[str](), set[str]()
        while died[point] < deaths:
            while len(nursery.alive) < SENDERS:
                place = _next_place(point, last)
                at = 1 if place in BATCHES else chance.randint(1, 30)
                places[nursery.start(FAILPOINT=f"{place}:{at}")] = place
                last = set()
            if not kill_trial.until(nursery.lost_one, kill_trial.PATIENCE_SECONDS):
                raise SystemExit(f"nobody died at {point} after {died[point]} deaths; {sink.accepted} accepted")
            gone = [places[pid] for pid in nursery.gone()]
            died.update(gone)
            last = set(gone)
        return died.total()

    return storm


def _next_place(point: str, last: set[str]) -> str:
    """Return where the next sender is to die, told where the last ones died.

    Only what died can be settled, so before each that dies when it has settled one dies at the dot.
    """
    return "dot" if point == "settled" and "dot" not in last else point


def _await(sink: CountingSink, goal: int) -> None:
    if not kill_trial.until(lambda: sink.accepted >= goal, kill_trial.PATIENCE_SECONDS):
        raise SystemExit(f"no progress: {sink.accepted} accepted")


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
