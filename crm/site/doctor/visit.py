"""A visit of the doctor: first what is here, then, all at once and bounded in time, what the network says."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from crm.base.database import looking
from crm.config import ConfigError
from crm.delivery import dkim, mime, providers
from crm.delivery.addresses import ascii_domain
from crm.delivery.bounces import collecting
from crm.delivery.bounces.models import MailboxState
from crm.organizations import coalition
from crm.organizations.models import Coalition
from crm.site.doctor import bounces, inbound, local, mail_server, names, policies
from crm.site.doctor.policies import Identity
from crm.site.doctor.rows import Row, error, warning

PATIENCE = 12.0  # seconds for the whole network


def here(app: Flask) -> list[Row]:
    """Return the rows that need no network."""
    with looking():
        who = _coalition()
        first = local.database()
        rows = [first]
        if first.state != "error":
            rows.append(local.migrations())
            rows += [local.worker(), local.senders(), local.outbox(), local.backup()] if rows[-1].state == "ok" else []
    config = dict(app.config)
    rows += [local.public_url(config), local.postal_address(config, who), local.secret_key(config)]
    return [*rows, local.disk(config)]


def outside(app: Flask) -> list[Row]:
    """Return the rows that ask the mail server and the DNS. No transaction is open meanwhile."""
    with looking():
        found, last_read = _coalition(), _last_read()
    checks: dict[str, Callable[[], Row]] = {
        mail_server.NAME: lambda: mail_server.look(app),
        bounces.NAME: lambda: bounces.look(app.config, last_read),
    }
    if app.config["INBOUND_MAILBOX"]:
        checks[inbound.NAME] = lambda: inbound.look(app.config)
    who = _identity(app, found)
    if isinstance(who, Row):
        return [*_all(checks), who]
    resolver = names.of(app)
    checks |= {
        "Return path": lambda: policies.return_path(who, resolver),
        **_policies(who, resolver),
        "MTA-STS": lambda: policies.transport(who, resolver),
        "Reverse name": lambda: policies.reverse_name(who, resolver),
    }
    return _all(checks)


def of_sender(app: Flask) -> list[Row]:
    """Return the rows of the DNS by which receivers judge the sender. No transaction is open meanwhile."""
    with looking():
        found = _coalition()
    who = _identity(app, found)
    return [who] if isinstance(who, Row) else _all(_policies(who, names.of(app)))


def _policies(who: Identity, resolver: names.Names) -> dict[str, Callable[[], Row]]:
    return {
        "SPF": lambda: policies.spf(who, resolver),
        "DKIM": lambda: policies.signatures(who, resolver),
        "DMARC": lambda: policies.dmarc(who, resolver),
    }


def _coalition() -> Coalition | None:
    try:
        return coalition.current()
    except SQLAlchemyError:  # No database, or no tables yet; another row says so.
        return None


def _last_read() -> MailboxState | None:
    try:
        return collecting.state()
    except SQLAlchemyError:
        return None


def _identity(app: Flask, found: Coalition | None) -> Identity | Row:
    mend = "Enter the sender's address in the settings, or set MAIL_DEFAULT_SENDER."
    try:
        sender = mime.mailbox((found.sender_email if found else app.config["MAIL_DEFAULT_SENDER"]) or "")[1]
        keys = dkim.keys(app.config)
        bounces, key_domain = (
            app.config[name] and ascii_domain(app.config[name]) for name in ("BOUNCE_DOMAIN", "DKIM_DOMAIN")
        )
    except ConfigError as trouble:
        return error("DKIM", str(trouble.message), "Make a key with `crm dkim keygen`, and name its file.")
    except ValueError:
        return error("Sender", "Nobody is named as the sender of the mail.", mend)
    domain = sender.rpartition("@")[2]
    return Identity(
        domain,
        bounces or domain,
        keys,
        key_domain or "",
        app.config["MAIL_SERVER"] or "",
        app.config["MAIL_PROVIDER"] in providers.REWRITING,
    )


def _all(checks: dict[str, Callable[[], Row]]) -> list[Row]:
    ends = time.monotonic() + PATIENCE
    pool = ThreadPoolExecutor(len(checks), thread_name_prefix="doctor")
    waiting = {name: pool.submit(check) for name, check in checks.items()}
    rows = [_row(name, future, max(0.0, ends - time.monotonic())) for name, future in waiting.items()]
    pool.shutdown(wait=False, cancel_futures=True)
    return rows


def _row(name: str, future: "Future[Row]", patience: float) -> Row:
    try:
        return future.result(patience)
    except names.NamesError as trouble:
        found = f"It could not be looked up ({trouble})."
    except TooLate:
        found = f"It could not be looked up in {PATIENCE:.0f} seconds."
    return warning(name, found, "Try again where the network works.")
