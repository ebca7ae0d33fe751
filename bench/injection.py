"""Does any text, name or address add a header, a recipient or an SMTP command?

5,000 attempts on each database, through the real sender, to a server that writes down every command.
"""

import os
import sys
import time

from bench import stage
from crm.delivery.sender import Sender
from crm.extensions import db, mail
from tests.delivery import injecting
from tests.smtp_server import SmtpServer

ATTEMPTS = int(os.environ.get("BENCH_ATTEMPTS", "5000"))


def main() -> int:
    wrong = 0
    with stage.folder() as place:
        for kind in stage.KINDS:
            with SmtpServer() as server, stage.installation(kind, place, server.port) as installation:
                mail.init_app(installation.app)
                begun = time.monotonic()
                outcome, waiting = injecting.queue_all(ATTEMPTS)
                Sender(installation.app).run(until_idle=True)
                db.session.rollback()
                judged = injecting.judge(outcome, waiting, server)
            wrong += len(judged.wrong)
            stage.tell(
                measurement="injection",
                database=kind,
                attempts=judged.attempts,
                refused_when_written=judged.refused,
                refused_when_printed=judged.failed,
                sent_as_one_good_mail=judged.mails,
                wrong=len(judged.wrong),
                first_wrong=judged.wrong[:3],
                seconds=round(time.monotonic() - begun, 1),
            )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
