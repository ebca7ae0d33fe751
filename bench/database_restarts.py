"""Does a mailing survive a database that is killed and started again in the middle of it, fifty times?

`pg_ctl restart -m immediate` ends every connection as a crash does. The workers are left alone: they must go on by
themselves, lose nothing, and in hold mode double nothing.

    python -m bench.database_restarts [--restarts 50] [--modes resend hold]
"""

import argparse
import random
import statistics
import sys
import time
from pathlib import Path

from bench import stage
from bench.counting_sink import CountingSink
from bench.kill_trial import CONNECTIONS, PROCESSES, QUIET, judge, until
from crm.extensions import db

ANSWER_SECONDS = 0.02
RECIPIENTS_A_RESTART = 600
PATIENCE_SECONDS = 90
BACK_SECONDS = 30


def main() -> bool:
    """Run a trial in each mode, print a JSON line each, and return whether all bounds were kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--restarts", type=int, default=50)
    parser.add_argument("--modes", nargs="+", default=("resend", "hold"), choices=("resend", "hold"))
    asked = parser.parse_args()
    with stage.folder() as place:
        kept = [trial(mode, place, asked.restarts) for mode in asked.modes]
    return all(kept)


def trial(mode: str, place: Path, restarts: int) -> bool:
    """Restart the database so often during one mailing, and print what became of it."""
    recipients = restarts * RECIPIENTS_A_RESTART
    with CountingSink(ANSWER_SECONDS) as sink, stage.installation("postgresql", place, sink.port) as installation:
        message_id = stage.queue_mailing(recipients, kilobytes=3, on_uncertain=mode).id
        db.session.commit()
        worker = installation.start("worker", "--processes", str(PROCESSES), **QUIET)
        back = _restart_during(sink, restarts)
        sink.delay = 0
        done = until(lambda: sink.accepted >= recipients, PATIENCE_SECONDS)
        alive = worker.poll() is None
        worker.terminate()
        worker.wait(PATIENCE_SECONDS)
        db.engine.dispose()
        installation.start("worker", "--until-idle", **QUIET).wait(PATIENCE_SECONDS)
        counts = judge(message_id, sink)
    told = {"bench": "database restarts", "mode": mode, "restarts": restarts, "recipients": recipients}
    told |= {"worker_alive": alive, "all_sent_by_it": done}
    told |= {"seconds_until_mail_again": {"median": round(statistics.median(back), 2), "most": round(max(back), 2)}}
    stage.tell(**told, **counts, connections=PROCESSES * CONNECTIONS)
    harm = int(str(counts["lost"])) + int(str(counts["unfinished"])) + int(str(counts["duplicates"]))
    return alive and done and harm == 0 and max(back) < BACK_SECONDS


def _restart_during(sink: CountingSink, restarts: int) -> list[float]:
    """Restart at random progress; return the seconds from each restart's end to the first mail after it."""
    chance, back = random.Random(20261123), []
    for number in range(restarts):
        goal = sink.accepted + chance.randint(20, RECIPIENTS_A_RESTART // 2)
        if not until(lambda enough=goal: sink.accepted >= enough, PATIENCE_SECONDS):
            raise SystemExit(f"no progress after {number} restarts: {sink.accepted} accepted")
        stage.restart_database()
        ended, before = time.monotonic(), sink.accepted
        # What was on its way when the database went may still arrive; mail after a turn is more than that.
        enough = before + PROCESSES * CONNECTIONS + 1
        if not until(lambda enough=enough: sink.accepted >= enough, PATIENCE_SECONDS):
            raise SystemExit(f"no mail after restart {number}")
        back.append(time.monotonic() - ended)
    return back


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
