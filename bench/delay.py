"""How fast is a worker with its defaults, against Flask-Mail's loop, where the mail server is 20 ms away?

Two processes with four connections each. Flask-Mail sends the same text in its plain loop, `mail.send` for each (the
goal is against this), and in a loop with one connection that it keeps. Same sink, alternating, the median of three.
Also how near the worker comes to what its connections allow, at two round trips a message: one for MAIL, RCPT and
DATA together, one for the text.

    python -m bench.delay [sqlite] [postgresql]

BENCH_MESSAGES (2,000), BENCH_LOOP (100) and BENCH_ROUNDS (3) make it shorter.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask_mail import Mail, Message

from bench import sending, stage
from bench.distance import Distance
from bench.postfix import CONNECTIONS, Sink
from crm.delivery import merge_fields

ONE_WAY_SECONDS = 0.010
MESSAGES = int(os.environ.get("BENCH_MESSAGES", "2000"))
LOOP = int(os.environ.get("BENCH_LOOP", "100"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
GOAL_TIMES = 10
TRIPS_A_MESSAGE = 2
Loop = Callable[[Mail, list[Message]], None]


def main(kinds: tuple[str, ...] = stage.KINDS) -> bool:
    """Measure on each database, print a JSON line each, and return whether all goals were met."""
    with stage.folder() as place, Sink() as sink, Distance(sink.port, ONE_WAY_SECONDS) as far:
        met = [compare(kind, place, sink, far) for kind in kinds]
    return all(met)


def compare(kind: str, place: Path, sink: Sink, far: Distance) -> bool:
    """Our worker and both loops, in turns."""
    runs, plain, kept, trips = [], [], [], []
    for _ in range(ROUNDS):
        trips.append(far.round_trip())
        runs.append(sending.send(kind, place, sink, MESSAGES, port=far.port).rate)
        plain.append(flask_mail(plainly, sink, far))
        kept.append(flask_mail(over_one_connection, sink, far))
    ours, round_trip = statistics.median(runs), statistics.median(trips)
    ceiling = CONNECTIONS / (TRIPS_A_MESSAGE * round_trip)
    times = ours / statistics.median(plain)
    stage.tell(
        bench="delay",
        database=kind,
        delayed_by="a proxy in a process of its own, 10 ms each way",
        round_trip_ms=round(round_trip * 1000, 1),
        messages=MESSAGES,
        connections=CONNECTIONS,
        ours=round(ours, 1),
        flask_mail_plain=round(statistics.median(plain), 1),
        times_as_fast=round(times, 1),
        goal_times=GOAL_TIMES,
        flask_mail_one_connection=round(statistics.median(kept), 1),
        times_as_fast_as_one_connection=round(ours / statistics.median(kept), 1),
        ceiling=round(ceiling, 1),
        of_the_ceiling=round(ours / ceiling, 3),
        rounds=[round(rate, 1) for rate in runs],
        met=times >= GOAL_TIMES,
    )
    return times >= GOAL_TIMES


def flask_mail(loop: Loop, sink: Sink, far: Distance) -> float:
    """Send the text of the mailing by Flask-Mail; return the messages a second that arrived."""
    with flask_mail_alone(far) as mail:
        sink.reset()
        loop(mail, [message(number) for number in range(LOOP)])
        time.sleep(0.2)
    if sink.accepted != LOOP:
        raise SystemExit(f"Flask-Mail sent {LOOP}, {sink.accepted} were accepted")
    return sink.rate


@contextmanager
def flask_mail_alone(far: Distance) -> Iterator[Mail]:
    """Flask-Mail in an application that has nothing else."""
    app = Flask("flask_mail_alone")
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=far.port)
    with app.app_context():
        yield Mail(app)


def plainly(mail: Mail, messages: list[Message]) -> None:
    for message in messages:
        mail.send(message)


def over_one_connection(mail: Mail, messages: list[Message]) -> None:
    with mail.connect() as connection:
        for message in messages:
            connection.send(message)


def message(number: int) -> Message:
    """Return the mailing for one person."""
    values = {"first_name": "Amina", "unsubscribe_url": f"https://crm.example/unsubscribe/{number:064d}"}
    html, plain = (merge_fields.fill(text, values) for text in stage.mailing_text(11))
    return Message(
        "Ask your senator to support the licensing bill",
        recipients=[f"person{number}@mail.example"],
        body=plain,
        html=html,
        sender="Bridgeway Coalition <news@bridgeway.example>",
    )


if __name__ == "__main__":
    sys.exit(0 if main(tuple(sys.argv[1:]) or stage.KINDS) else 1)
