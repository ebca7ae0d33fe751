"""Do many workers share one ledger and one timetable? On PostgreSQL, each worker with an instance folder of its own.

Workers: 2, 4 and 8 `crm worker` processes send one mailing; nobody gets two. Schedulers: eight processes tick 200 times
each; the job runs 200 times in all. Takeover: the process that ticks is killed; another ticks soon.

    python -m bench.many_workers [--recipients 500000] [--small 20000] [--ticks 200]
"""

import argparse
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import text

from bench import stage
from bench.counting_sink import CountingSink
from bench.kill_trial import QUIET, judge, until
from crm.config import ROOT
from crm.extensions import db

MOST_WORKERS = 8
PATIENCE_SECONDS = 1800
TAKEOVER_SECONDS = 10
SCHEDULER = """
import os, sys
from datetime import timedelta
from pathlib import Path
from sqlalchemy import text
from crm import create_app
from crm.delivery.ticker import Guard, Ticker
from crm.extensions import db
from crm.timetable import Job

def run():
    db.session.execute(text("INSERT INTO bench_tick (pid) VALUES (:pid)"), {"pid": os.getpid()})

app = create_app()
with app.app_context():
    ticker = Ticker(app, [], Guard(db.engine, Path(os.environ["INSTANCE_PATH"]) / str(os.getpid())))
    job = Job("tick", run, timedelta(seconds=1))
    for _ in sys.stdin:
        ticker.tick(job)
        print("ticked", flush=True)
"""


def main() -> bool:
    """Run all trials, print a JSON line each, and return whether all bounds were kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipients", type=int, default=500_000)
    parser.add_argument("--small", type=int, default=20_000)
    parser.add_argument("--ticks", type=int, default=200)
    asked = parser.parse_args()
    with stage.folder() as place:
        kept = [send(place, workers, asked.small) for workers in (2, 4)]
        kept += [send(place, MOST_WORKERS, asked.recipients), tick(place, asked.ticks)]
    return all(kept)


def send(place: Path, workers: int, recipients: int) -> bool:
    """Let so many workers send one mailing, and count at the server what each recipient got."""
    with CountingSink() as sink, stage.installation("postgresql", place, sink.port) as installation:
        message_id = stage.queue_mailing(recipients, kilobytes=3).id
        db.session.commit()
        started = time.monotonic()
        running = []
        for number in range(workers):
            instance = place / f"host-{workers}-{number}"
            installation.environment["INSTANCE_PATH"] = str(instance)
            running.append(installation.start("worker", **QUIET))
        done = until(lambda: sink.accepted >= recipients, PATIENCE_SECONDS)
        seconds = time.monotonic() - started
        for worker in running:
            worker.terminate()
        codes = [worker.wait(60) for worker in running]
        counts = judge(message_id, sink)
        claims = db.session.execute(text("SELECT max(epoch), sum(epoch) FROM delivery")).one()
        db.session.rollback()
    rate = round(recipients / seconds)
    told = {"bench": "many workers", "workers": workers, "recipients": recipients, "rate": rate}
    stage.tell(**told, **counts, claims_of_one=claims[0], claims=int(claims[1]), ended=codes)
    return done and not counts["lost"] and not counts["duplicates"] and not counts["unfinished"]


def tick(place: Path, ticks: int) -> bool:
    """Eight schedulers tick in step; then whoever may is killed."""
    with stage.installation("postgresql", place, 1) as installation, ExitStack() as ending:
        db.session.execute(text("CREATE TABLE bench_tick (pid integer)"))
        db.session.commit()
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        command = [sys.executable, "-c", SCHEDULER]
        schedulers = []
        for _ in range(MOST_WORKERS):
            one = subprocess.Popen(command, env=installation.environment, cwd=ROOT, **pipes)
            ending.callback(one.kill)
            schedulers.append(one)
        for _ in range(ticks):
            _tick(schedulers)
        runs, holders = db.session.execute(text("SELECT count(*), count(DISTINCT pid) FROM bench_tick")).one()
        holder = db.session.scalar(text("SELECT pid FROM bench_tick LIMIT 1"))
        db.session.rollback()
        killed = next(one for one in schedulers if one.pid == holder)
        killed.kill()
        killed.wait()
        started = time.monotonic()
        others = [one for one in schedulers if one is not killed]
        taken = until(lambda: _tick(others) or _ran() > runs, TAKEOVER_SECONDS)
        seconds = round(time.monotonic() - started, 3)
    told = {"schedulers": MOST_WORKERS, "ticks": ticks, "runs": runs, "processes_that_ran": holders}
    stage.tell(bench="schedulers", **told, taken_over=taken, seconds_until_taken_over=seconds)
    return bool(runs == ticks and taken)


def _tick(schedulers: list[subprocess.Popen[str]]) -> None:
    """Let all of them tick at once, and wait for all."""
    for one in schedulers:
        assert one.stdin
        one.stdin.write("tick\n")
        one.stdin.flush()
    for one in schedulers:
        assert one.stdout
        one.stdout.readline()


def _ran() -> int:
    found = int(db.session.scalar(text("SELECT count(*) FROM bench_tick")) or 0)
    db.session.rollback()
    return found


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
