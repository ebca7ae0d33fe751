"""What Prometheus asks for, read from the database at each scrape, so that any web worker gives the same answer."""

import hmac
import ipaddress
from collections.abc import Iterator
from pathlib import Path

from flask import current_app, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from crm.base import clock
from crm.delivery import depths, rests, tallies, waiting
from crm.extensions import db
from crm.site import health

PREFIX = "groundswell_"
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


def may_scrape() -> bool:
    """Return whether whoever asks may see the metrics.

    With METRICS_TOKEN set: who holds it. Without: who asks on this machine, and not through a proxy on it.
    """
    token = current_app.config["METRICS_TOKEN"]
    if token:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(shown.encode(), token.encode())
    return _is_loopback(request.remote_addr) and not any(name in request.headers for name in FORWARDED)


def text() -> bytes:
    """Return the metrics in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector())
    return generate_latest(registry)


class _Collector:
    def collect(self) -> Iterator[Metric]:
        yield _states()
        since = depths.oldest_due(waiting.message_ids(db.session.connection()))
        waited = (clock.now() - since).total_seconds() if since else 0.0
        yield _gauge("oldest_waiting_seconds", "How long the delivery is due that waits longest.", waited)
        yield from _answered()
        yield _gauge(
            "sent_per_minute", "Mails a minute that the mail server took, last five minutes.", tallies.per_minute()
        )
        found = rests.current()
        yield _gauge("server_rests", "1 while the mail server is in trouble.", float(any(not r.name for r in found)))
        yield _gauge(
            "senders_resting", "Sender addresses that the mail server refuses.", sum(bool(r.name) for r in found)
        )
        age = health.worker()["seconds_since_tick"]
        yield _gauge(
            "ticker_age_seconds", "Since a worker ran the recurring jobs; -1: none runs.", -1.0 if age is None else age
        )
        if db.engine.dialect.name == "sqlite":
            yield _gauge("sqlite_wal_bytes", "Size of SQLite's write-ahead log.", _wal_bytes())


def _states() -> Metric:
    family = GaugeMetricFamily(f"{PREFIX}deliveries", "Deliveries in the ledger by state.", labels=["state"])
    for depth in depths.look().values():
        family.add_metric([depth.state], depth.number)
    return family


def _answered() -> Iterator[Metric]:
    sent = CounterMetricFamily(f"{PREFIX}sent", "Mails that the mail server took.")
    replies = CounterMetricFamily(f"{PREFIX}smtp_replies", "Answers of mail servers by class.", labels=["class"])
    sums = dict.fromkeys((2, 4, 5, 0), 0)
    taken = 0
    for outcome, group, number in tallies.totals():
        sums[group] += number
        taken += number if outcome == "sent" else 0
    sent.add_metric([], taken)
    for group, number in sums.items():
        replies.add_metric([f"{group}xx" if group else "none"], number)
    yield sent
    yield replies


def _gauge(name: str, meaning: str, value: float) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, meaning)
    family.add_metric([], value)
    return family


def _wal_bytes() -> float:
    try:
        return float(Path(f"{db.engine.url.database}-wal").stat().st_size)
    except OSError:
        return 0.0


def _is_loopback(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False
