"""What does a message cost in a mailing to a million, against one to ten thousand, and does anything grow meanwhile?

Processor time of worker and database, and by the clock (which on a busy machine says more about its other work); the
memory of each process; on SQLite the largest size of the write-ahead log.

    python -m bench.message_cost [sqlite] [postgresql]

BENCH_LARGE (1,000,000) makes it shorter.
"""

import os
import statistics
import sys
from pathlib import Path

from bench import sending, stage
from bench.postfix import Sink

SMALL = 10_000
LARGE = int(os.environ.get("BENCH_LARGE", "1000000"))
GOAL_COST, GOAL_MEGABYTES, GOAL_GROWTH, GOAL_LOG = 1.10, 200, 20, 256


def main(kinds: tuple[str, ...] = stage.KINDS) -> bool:
    """Measure on each database, print a JSON line each, and return whether all goals were met."""
    with stage.folder() as place, Sink() as sink:
        met = [measure(kind, place, sink) for kind in kinds]
    return all(met)


def measure(kind: str, place: Path, sink: Sink) -> bool:
    """A large mailing between small ones."""
    runs = [sending.send(kind, place, sink, number) for number in (SMALL, SMALL, LARGE, SMALL, SMALL, SMALL)]
    large = runs.pop(2)
    cost = statistics.median(run.cpu for run in runs)
    rate = statistics.median(run.rate for run in runs)
    met = {
        "cost": large.cpu / cost <= GOAL_COST,
        "memory": max(large.peaks) < GOAL_MEGABYTES,
        "flat": max(large.growth) <= GOAL_GROWTH,
        "log": large.log <= GOAL_LOG,
    }
    stage.tell(
        bench="cost of a message",
        database=kind,
        small=SMALL,
        large=LARGE,
        microseconds_small=[round(run.cpu * 1e6, 1) for run in runs],
        microseconds_large=round(large.cpu * 1e6, 1),
        ratio=round(large.cpu / cost, 3),
        goal_ratio=GOAL_COST,
        rate_small=round(rate),
        rate_large=round(large.rate),
        ratio_by_the_clock=round(rate / large.rate, 3),
        peak_megabytes_small=max(run.peaks for run in runs),
        peak_megabytes_large=large.peaks,
        goal_megabytes=GOAL_MEGABYTES,
        megabytes_grown_after_a_tenth=large.growth,
        goal_grown=GOAL_GROWTH,
        log_megabytes=round(large.log, 1),
        goal_log=GOAL_LOG,
        database_megabytes=round(large.database, 1),
        met=met,
    )
    return all(met.values())


if __name__ == "__main__":
    sys.exit(0 if main(tuple(sys.argv[1:]) or stage.KINDS) else 1)
