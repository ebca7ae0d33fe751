"""The links of a mailing, looked at in the background after it was saved, or when somebody asks.

Nothing of it is held in memory: what is to be looked at is known from the mailing and from what was looked at before.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import case, delete, select, update

from crm.base import clock, database, jobs
from crm.base.database import insert_into
from crm.extensions import db
from crm.mailings import identity, rendering, texts
from crm.mailings.checking import sender
from crm.mailings.checking.check import Check, advice, good
from crm.mailings.checking.guard import Guard
from crm.mailings.checking.models import MailingLinkCheck, MailingRound
from crm.mailings.checking.visiting import Outcome, Visitor
from crm.mailings.models import Mailing

LOOK = "look at the links of a mailing"
MOST = 100
BATCH = 8  # links a round, so that a worker that is told to end need not wait for long
# While somebody writes, it is saved every few seconds; half an address is not worth a look.
REST = timedelta(seconds=20)
KEPT = timedelta(hours=24)
LEASE = timedelta(minutes=5)
PLACE = "#links-title"
LOOKED_AT = ("draft", "scheduled", "paused")


def ask(mailing_id: int, *, anew: bool = False) -> None:
    """Ask for a look at the links of a mailing that was just saved; anew: at all of them, and at once."""
    now = clock.now()
    due, fresh_from = (now, now) if anew else (now + REST, now - KEPT)
    row = {"mailing_id": mailing_id, "due_at": due, "fresh_from": fresh_from}
    later = case((MailingRound.fresh_from > fresh_from, MailingRound.fresh_from), else_=fresh_from)
    insert = insert_into(MailingRound).values(row)
    insert = insert.on_conflict_do_update(index_elements=["mailing_id"], set_={"due_at": due, "fresh_from": later})
    db.session.execute(insert)
    if anew:
        jobs.defer(LOOK, mailing_id)


def look_due() -> None:
    """Look at some of the links that are due longest; for the ticker. Commits."""
    with database.looking():
        query = select(MailingRound.mailing_id).where(MailingRound.due_at <= clock.now())
        mailing_id = db.session.scalar(query.order_by(MailingRound.due_at).limit(1))
    if mailing_id is None:
        return
    if jobs.hand_over(LOOK, mailing_id):
        db.session.commit()
    else:
        look_at(mailing_id)


def look_at(mailing_id: int) -> None:
    """Look at some links of a mailing, where they are due; a job. Commits. What is left is due again at once."""
    lease = clock.now() + LEASE
    if not _claim(mailing_id, lease):
        return
    with database.looking():
        urls, todo, fresh_from = _to_do(mailing_id)
    outcomes = visitor().look_at_all(todo[:BATCH])  # No transaction is open meanwhile.
    if len(todo) <= BATCH and urls is not None:
        sender.look_again(fresh_from)
    _keep(mailing_id, dict(zip(todo, outcomes, strict=False)), urls or [])
    done = update(MailingRound).where(MailingRound.mailing_id == mailing_id, MailingRound.due_at == lease)
    db.session.execute(done.values(due_at=clock.now() if len(todo) > BATCH else None))
    db.session.commit()


def visitor() -> Visitor:
    """Return who looks at links from here: through a guard that lets only this program's own address pass unseen."""
    own = current_app.config["PUBLIC_URL"]
    return Visitor(Guard(own), f"Groundswell link check (+{own})")


def forbidden(mailing: Mailing, urls: Collection[str]) -> list[Check]:
    """Return, for each of these links that leads into an internal network, the check that forbids sending it."""
    own = Guard(current_app.config["PUBLIC_URL"])
    found = {url: own.plainly_forbidden(url) for url in urls}
    found |= {row.url: row.found for row in _rows(mailing) if row.outcome == "internal" and row.url in found}
    return [Check(False, f"{short(url)}: {why}", "body") for url, why in found.items() if why]


def look(mailing: Mailing, urls: Sequence[str]) -> list[Check]:
    """Return what is known of these links; those that are forbidden are told by `forbidden`."""
    if not urls:
        return [good("It has no links that could be dead.")]
    rows = {row.url: row for row in _rows(mailing)}
    known = [rows[url] for url in urls if url in rows]
    checks = [advice(f"{short(row.url)}: {row.found}{_strong(row)}", "body") for row in known if _is_bad(row)]
    unseen = len(urls) - len(known)
    if unseen:
        checks.append(advice(f"{_links(unseen)} not looked at yet.", PLACE))
    if not checks and all(row.outcome == "answers" for row in known):
        oldest = min(row.checked_at for row in known)
        checks.append(good(f"{_links(len(known), 'answer')} (looked at {oldest:%Y-%m-%d %H:%M} UTC)."))
    return checks


def of(mailing: Mailing) -> list[str]:
    """Return the links of a mailing in all its texts, the first hundred."""
    who, found = identity.current(), dict[str, None]()
    for said in texts.all_of(mailing):
        found |= dict.fromkeys(rendering.render(said, who).links)
    return list(found)[:MOST]


def is_due(mailing: Mailing) -> bool:
    """Tell whether a look at its links is asked for and not done."""
    query = select(MailingRound.due_at).where(MailingRound.mailing_id == mailing.id)
    return db.session.scalar(query) is not None


def short(url: str) -> str:
    """Return the link as far as it fits on a line."""
    return url if len(url) <= 80 else f"{url[:79]}…"


def _claim(mailing_id: int, lease: datetime) -> bool:
    claim = update(MailingRound).where(MailingRound.mailing_id == mailing_id, MailingRound.due_at <= clock.now())
    claimed = db.session.execute(claim.values(due_at=lease).execution_options(synchronize_session=False))
    db.session.commit()
    return bool(claimed.rowcount)  # type: ignore[attr-defined]


def _to_do(mailing_id: int) -> tuple[list[str] | None, list[str], datetime]:
    """Return all links (None: of no mailing that may still go), those to look at, and since when a look counts."""
    mailing, round_ = db.session.get(Mailing, mailing_id), db.session.get(MailingRound, mailing_id)
    if mailing is None or round_ is None or mailing.state not in LOOKED_AT:
        return None, [], clock.now()
    urls = of(mailing)
    fresh = {row.url for row in _rows(mailing) if row.checked_at >= round_.fresh_from}
    return urls, [url for url in urls if url not in fresh], round_.fresh_from


def _keep(mailing_id: int, outcomes: Mapping[str, Outcome], urls: Collection[str]) -> None:
    if db.session.get(Mailing, mailing_id) is None:
        return  # It was deleted meanwhile.
    now = clock.now()
    gone = delete(MailingLinkCheck).where(MailingLinkCheck.mailing_id == mailing_id)
    db.session.execute(gone.where(MailingLinkCheck.url_digest.not_in([_digest(url) for url in urls])))
    for url, outcome in outcomes.items():
        found = {"url": url, "outcome": outcome.outcome, "found": outcome.found, "checked_at": now}
        row = insert_into(MailingLinkCheck).values(mailing_id=mailing_id, url_digest=_digest(url), **found)
        db.session.execute(row.on_conflict_do_update(index_elements=["mailing_id", "url_digest"], set_=found))


def _digest(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


def _rows(mailing: Mailing) -> Sequence[MailingLinkCheck]:
    query = select(MailingLinkCheck).where(MailingLinkCheck.mailing_id == mailing.id).order_by(MailingLinkCheck.id)
    return db.session.scalars(query).all()


def _is_bad(row: MailingLinkCheck) -> bool:
    return row.outcome in ("dead", "fails", "refuses")


def _strong(row: MailingLinkCheck) -> str:
    return " If you cannot open it either, mend it before you send." if row.outcome == "dead" else ""


def _links(number: int, verb: str = "") -> str:
    if verb:
        return "The one link answers" if number == 1 else f"All {number} links {verb}"
    return "1 link was" if number == 1 else f"{number} links were"
