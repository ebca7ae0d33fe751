"""/metrics: who may read it, and that it tells the truth."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from crm.delivery import outbox, rests, tallies
from crm.extensions import db
from tests.delivery.test_outbox import make_message

FAR = {"REMOTE_ADDR": "203.0.113.9"}


def scraped(client, **options) -> dict:
    answer = client.get("/metrics", **options)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(s.name.removeprefix("groundswell_"), *s.labels.values()): s.value for f in families for s in f.samples}


def test_only_this_machine_may_read_it_where_no_token_is_set(app, client):
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_base=FAR).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404


@pytest.mark.parametrize(
    ("shown", "status"), [("Bearer s3cret", 200), ("Bearer wrong", 404), ("", 404), ("Bearer é", 404)]
)
def test_with_a_token_only_its_holder_may_read_it(app, client, shown, status):
    app.config["METRICS_TOKEN"] = "s3cret"
    headers = {"Authorization": shown.encode("utf-8").decode("latin-1")}
    assert client.get("/metrics", headers=headers, environ_base=FAR).status_code == status
    assert client.get("/metrics").status_code == 404


def test_it_tells_what_waits_what_was_sent_and_what_servers_answered(app, client, sink, deliver):
    sink.script.rcpt = lambda address: {"b": "450 4.2.1 later", "c": "550 5.1.1 no"}.get(address[0], "250 ok")
    message = make_message()
    for name in "abcd":
        outbox.queue(message, f"{name}@mail.example")
    deliver()
    found = scraped(client)
    assert [found["deliveries", state] for state in ("sent", "deferred", "failed", "queued")] == [2, 1, 1, 0]
    assert found["sent_total",] == 2
    assert [found["smtp_replies_total", group] for group in ("2xx", "4xx", "5xx", "none")] == [2, 1, 1, 0]
    assert found["sent_per_minute",] > 0
    assert found["oldest_waiting_seconds",] == 0
    assert found["ticker_age_seconds",] == -1


def test_it_tells_what_rests(app, client):
    rests.trouble(db.engine, "", "535 no", permanent=True)
    rests.trouble(db.engine, "news@bridgeway.example", "550 no", permanent=True)
    found = scraped(client)
    assert found["server_rests",] == 1
    assert found["senders_resting",] == 1


def test_the_wal_of_sqlite_is_measured(app, client):
    found = scraped(client)
    assert (("sqlite_wal_bytes",) in found) == (db.engine.dialect.name == "sqlite")


def test_sums_stay_when_old_minutes_are_rolled_up(app, client, sink, deliver, monkeypatch):
    outbox.queue(make_message(), "a@mail.example")
    deliver()
    before = scraped(client)
    for ahead in (3, 60):
        later = tallies.clock.now() + tallies.timedelta(hours=ahead)
        monkeypatch.setattr(tallies.clock, "now", lambda later=later: later)
        tallies.roll_up()
        db.session.commit()
        after = scraped(client)
        assert after["sent_total",] == before["sent_total",] == 1
        assert after["smtp_replies_total", "2xx"] == 1
