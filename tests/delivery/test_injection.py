"""Nothing that people write adds a header, a recipient or a command: bench/injection.py tries far more."""

from tests.delivery.injecting import PLACES, judge, queue_all
from tests.sending import send_due


def test_no_text_name_or_address_adds_a_header_a_recipient_or_a_command(app, sink):
    app.config["PUBLIC_URL"] = "https://crm.example"
    outcome, waiting = queue_all(len(PLACES) * 20)
    send_due(app)
    judged = judge(outcome, waiting, sink)
    assert judged.wrong == []
    assert judged.mails > 100
    assert judged.refused > 50
