"""Does each fault on the menu of a mail server leave each of 200 mails in the right state?

python -m bench.faults [--mails 200] [--databases sqlite postgresql] [--only NAME …]
"""

import argparse
import sys
import time
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from bench import stage
from crm.delivery import outbox, rests
from crm.delivery.models import Message
from crm.extensions import db
from tests.delivery import faults
from tests.delivery.faults import FAULTS, Fault


def main() -> bool:
    """Run all faults, print a JSON line each, and return whether all were as expected."""
    asked = _arguments()
    chosen = [fault for fault in FAULTS if not asked.only or fault.name in asked.only]
    with stage.folder() as place:
        kept = []
        for kind in asked.databases:
            with stage.installation(kind, place, 1) as installation:
                kept += [_trial(installation.app, kind, fault, asked.mails, place) for fault in chosen]
    return all(kept)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=200)
    parser.add_argument("--databases", nargs="+", default=stage.KINDS, choices=stage.KINDS)
    parser.add_argument("--only", nargs="*", choices=[fault.name for fault in FAULTS])
    return parser.parse_args()


def _trial(app: Flask, kind: str, fault: Fault, mails: int, folder: Path) -> bool:
    started = time.monotonic()
    found = faults.outcome(app, fault, mails, folder)
    right = faults.is_right(fault, found, mails)
    stage.tell(
        bench="faults",
        database=kind,
        fault=fault.name,
        mails=mails,
        states=found.states,
        rests=sorted(found.rest),
        blamed=found.blamed,
        right=right,
        seconds=round(time.monotonic() - started, 1),
    )
    _clear_away()
    return right


def _clear_away() -> None:
    """Let nothing that waits still go out through the next fault."""
    for message_id in db.session.scalars(select(Message.id)).all():
        outbox.cancel(message_id)
    db.session.commit()
    while outbox.sweep_canceled():
        db.session.commit()
    db.session.commit()
    rests.clear(db.engine)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
