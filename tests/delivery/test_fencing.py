"""A sender that outlived its lease, and a database that goes away: nothing is lost, doubled or written late."""

from bench import zombies
from bench.counting_sink import CountingSink
from bench.nursery import Nursery
from bench.stage import Installation, child_environment
from crm.delivery import outbox
from crm.extensions import db
from tests.delivery.test_outbox import make_message

RECIPIENTS = 4000


def test_a_sender_that_stood_still_past_its_lease_sends_and_writes_nothing_of_it(app):
    """The same trial, with a hundred rounds, is bench/zombies.py."""
    names = ("DATABASE_URL", "INSTANCE_PATH", "SECRET_KEY", "PUBLIC_URL")
    settings = {name: app.config[name] for name in names}
    with zombies.TimedSink(zombies.ANSWER_SECONDS) as mine, CountingSink(zombies.ANSWER_SECONDS) as other:
        mail = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(mine.port), "MAIL_USE_TLS": "false"}
        lease = {"LEASE_SECONDS": str(zombies.LEASE_SECONDS)}
        installation = Installation(app, child_environment(**settings, **mail, **lease))
        message_id = make_message(on_uncertain="hold").id
        for one in range(RECIPIENTS):
            outbox.queue(message_id, f"person{one}@mail.example", contact_id=one + 1)
        db.session.commit()
        try:
            with Nursery(installation.environment) as nursery:
                trial = zombies.Trial(installation, mine, other, nursery)
                trial.run(2)
            found = zombies.finish(installation, message_id, mine, other)
        finally:
            installation.end()
    assert (trial.stopped, trial.late_mails, trial.late_writes) == (2, 0, 0)
    assert trial.held > 0
    assert (found["lost"], found["duplicates"], found["unfinished"]) == (0, 0, 0)
