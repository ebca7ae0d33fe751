"""How fast is the whole path, ledger and journal included, against Postfix's own smtp-source on the same sink?

Messages of 11 kB in two parts, with three links and a merged name. Alternating in one run; medians of the rounds; timed
from the first to the last message that the sink accepted. smtp-source with 8 connections, `-s 8`, opens one for each
message (the goal is against this) and with `-d` keeps them open, as we do. Also with our signatures: DKIM by RSA with
2048 bits, and by Ed25519 alone.

    python -m bench.throughput [sqlite] [postgresql]

BENCH_MESSAGES (20,000) and BENCH_ROUNDS (3) make it shorter.
"""

import os
import statistics
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench import sending, stage
from bench.postfix import CONNECTIONS, Sink, smtp_source
from crm.delivery import dkim_keys

MESSAGES = int(os.environ.get("BENCH_MESSAGES", "20000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
GOAL_RATIO, GOAL_MEGABYTES = 0.65, 200
SOURCES = {"smtp_source_s8": (), "smtp_source_d_s8": ("-d",)}


def main(kinds: tuple[str, ...] = stage.KINDS) -> bool:
    """Measure on each database, print a JSON line each, and return whether all goals were met."""
    with stage.folder() as place, Sink() as sink:
        signing = make_keys(place)
        met = [compare(kind, place, sink, signing) for kind in kinds]
    return all(met)


def make_keys(place: Path) -> dict[str, dict[str, str]]:
    """Make keys, and return the settings of each way to sign."""
    dkim_keys.make(place / "rsa.pem")
    dkim_keys.make(place / "ed25519.pem", is_ed25519=True)
    return {
        "without_dkim": {},
        "with_dkim": {"DKIM_PRIVATE_KEY_FILE": str(place / "rsa.pem")},
        "with_ed25519": {"DKIM_ED25519_PRIVATE_KEY_FILE": str(place / "ed25519.pem")},
    }


def compare(kind: str, place: Path, sink: Sink, signing: dict[str, dict[str, str]]) -> bool:
    """Each way to sign and each smtp-source, in turns."""
    runs: dict[str, list[sending.Run]] = defaultdict(list)
    theirs: dict[str, list[float]] = defaultdict(list)
    for _ in range(ROUNDS):
        for name, settings in signing.items():
            runs[name].append(sending.send(kind, place, sink, MESSAGES, **settings))
            for source, options in SOURCES.items():
                theirs[source].append(smtp_source(sink, MESSAGES, runs["without_dkim"][0].size, *options))
    rates = {source: statistics.median(found) for source, found in theirs.items()}
    ours = {name: summary(found, rates) for name, found in runs.items()}
    peak = max(max(run.peaks) for found in runs.values() for run in found)
    met = ours["without_dkim"]["ratio_to_smtp_source_s8"] >= GOAL_RATIO and peak < GOAL_MEGABYTES
    stage.tell(
        bench="throughput",
        database=kind,
        messages=MESSAGES,
        connections=CONNECTIONS,
        **{source: round(rate) for source, rate in rates.items()},
        **ours,
        goal=f"without_dkim: ratio_to_smtp_source_s8 of {GOAL_RATIO}",
        peak_megabytes_a_process=peak,
        goal_megabytes=GOAL_MEGABYTES,
        met=met,
    )
    return met


def summary(runs: list[sending.Run], theirs: dict[str, float]) -> dict[str, Any]:
    """Return the median of our rounds, and its ratio to what each smtp-source reaches."""
    rate = statistics.median(run.rate for run in runs)
    return {
        "rate": round(rate),
        **{f"ratio_to_{source}": round(rate / other, 3) for source, other in theirs.items()},
        "bytes": runs[0].size,
        "microseconds_a_message": round(statistics.median(run.cpu for run in runs) * 1e6, 1),
        "rounds": [round(run.rate) for run in runs],
    }


if __name__ == "__main__":
    sys.exit(0 if main(tuple(sys.argv[1:]) or stage.KINDS) else 1)
