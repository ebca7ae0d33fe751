"""Which of two versions is better: by the people who clicked, or acted, once, when the time is over."""

from dataclasses import dataclass

from sqlalchemy import func, select, update

from crm.base import audit, clock, database
from crm.base.changes import Refused
from crm.delivery import outbox, pruned
from crm.extensions import db
from crm.mailings.comparing import pairing, sizes
from crm.mailings.comparing.models import ACTIONS, A, B, MailingComparison
from crm.mailings.models import Mailing, MailingLink
from crm.mailings.reading.models import MailingClick
from crm.mailings.report import acts
from crm.mailings.waves.models import MailingWave

NAMES = {A: "A", B: "B"}


@dataclass(frozen=True)
class Result:
    """What became of one version: how many copies were sent, and how many people did what it is compared by."""

    variant: str
    sent: int
    people: int
    did: str = "clicked"

    @property
    def percent(self) -> float:
        """People who did it, of a hundred to whom it was sent."""
        return 100 * self.people / self.sent if self.sent else 0.0


def results(mailing: Mailing) -> list[Result]:
    """Return how both versions do, by clicks (robots do not count) or by what people did after they came by them."""
    comparison, sent = pairing.of(mailing), _sent(mailing)
    by_actions = comparison is not None and comparison.by == ACTIONS
    people = acts.people_by_variant(mailing, NAMES) if by_actions else _people(mailing)
    did = "acted" if by_actions else "clicked"
    return [Result(variant, sent[variant], min(people.get(variant, 0), sent[variant]), did) for variant in NAMES]


def waits_for(mailing: Mailing) -> str:
    """Return in words what a decision waits for whose time is over; "" for none."""
    over = (MailingWave.variant.is_(None), MailingWave.due_at <= clock.now(), MailingWave.mailing_id == mailing.id)
    if mailing.state != "sending" or not db.session.scalar(select(MailingWave.id).where(*over)):
        return ""
    if _to_freeze(mailing.id):
        return "The time is over. It waits until the list of those who get each version is complete."
    if left := _untried(mailing):
        put_off = "what a mail server has put off does not count."
        return f"The time is over. It waits until each copy was tried once: {left:,} still to go; {put_off}"
    return "The time is over. It is decided within a minute."


def decide_due() -> int:
    """Decide the comparisons whose time is over and that decide by themselves; return how many. Commits after each."""
    with database.looking():
        query = select(MailingComparison.mailing_id).join(Mailing, Mailing.id == MailingComparison.mailing_id)
        query = query.join(MailingWave, MailingWave.mailing_id == Mailing.id)
        open_ones = (MailingComparison.decided_at.is_(None), MailingComparison.automatic, Mailing.state == "sending")
        over = (MailingWave.variant.is_(None), MailingWave.due_at <= clock.now())
        due = [one for one in db.session.scalars(query.where(*open_ones, *over)).all() if _asked(one)]
    return sum(_decide(mailing_id) for mailing_id in due)


def choose(mailing: Mailing, variant: str) -> None:
    """Let the rest get that version now, because staff say so; raises Refused."""
    comparison = pairing.of(mailing)
    if comparison is None or mailing.state not in ("sending", "paused"):
        raise Refused("There is nothing to choose: the mailing is not being sent.", "")
    chosen = f"Version {NAMES[variant]} was chosen. {_told(results(mailing))}"
    if not _settle(comparison, variant, NAMES[variant].lower(), chosen):
        raise Refused("Somebody has chosen already.", "")
    audit.record("choose", "mailing", mailing.id, variant=NAMES[variant])


def verdict(found: list[Result]) -> tuple[str, str]:
    """Return which version the rest get, and why, in words: A where the two do not differ by more than chance."""
    first, second = found
    likely = sizes.by_chance((first.people, first.sent), (second.people, second.sent))
    if likely >= sizes.SURE:
        return A, f"No difference was found. {_told(found)} Chance alone explains that, so the rest get version A."
    better = first if first.percent > second.percent else second
    chance = "less than 1" if likely < 0.01 else f"{likely * 100:.0f}"
    words = f"Version {NAMES[better.variant]} does better. {_told(found)}"
    return better.variant, f"{words} By chance alone that happens in {chance} of 100 tests."


def _asked(mailing_id: int) -> bool:
    """Tell whether each copy of both versions was tried; what was put off, up to three days, is not waited for."""
    mailing = db.session.get_one(Mailing, mailing_id)
    return not _to_freeze(mailing_id) and not any(outbox.untried(message_id) for message_id in mailing.message_ids)


def _to_freeze(mailing_id: int) -> bool:
    waits = select(MailingWave.id).where(MailingWave.mailing_id == mailing_id, MailingWave.variant.is_not(None))
    return db.session.scalar(waits.where(MailingWave.frozen_at.is_(None)).limit(1)) is not None


def _untried(mailing: Mailing) -> int:
    return sum(outbox.untried(message_id) for message_id in mailing.message_ids)


def _decide(mailing_id: int) -> bool:
    with database.looking():
        comparison = db.session.get_one(MailingComparison, mailing_id, populate_existing=True)
        found = results(comparison.mailing)
        variant, words = verdict(found)
    same = words.startswith("No difference")
    done = _settle(comparison, variant, "" if same else NAMES[variant].lower(), words)
    if done:
        audit.record("decide", "mailing", mailing_id, variant=NAMES[variant], words=words)
    db.session.commit()
    return done


def _settle(comparison: MailingComparison, variant: str, winner: str, words: str) -> bool:
    """Let the rest get that version, unless that was decided already."""
    mine = (MailingComparison.mailing_id == comparison.mailing_id, MailingComparison.decided_at.is_(None))
    decided = update(MailingComparison).where(*mine).values(decided_at=clock.now(), winner=winner, verdict=words)
    if not db.session.execute(decided.execution_options(synchronize_session=False)).rowcount:  # type: ignore[attr-defined]
        return False
    rest = update(MailingWave).where(MailingWave.mailing_id == comparison.mailing_id, MailingWave.variant.is_(None))
    now = clock.now()
    db.session.execute(rest.values(variant=variant, due_at=now).execution_options(synchronize_session=False))
    db.session.expire_all()
    return True


def _told(found: list[Result]) -> str:
    said = (f"{NAMES[one.variant]}: {one.people:,} of {one.sent:,} {one.did} ({one.percent:.1f} %)" for one in found)
    return f"{'; '.join(said)}."


def _sent(mailing: Mailing) -> dict[str, int]:
    found = pruned.by({one.message_id: one.variant for one in mailing.messages})
    return {variant: found[variant]["sent"] if variant in found else 0 for variant in NAMES}


def _people(mailing: Mailing) -> dict[str, int]:
    here = MailingClick.link_id.in_(select(MailingLink.id).where(MailingLink.mailing_id == mailing.id))
    query = select(MailingClick.variant, func.sum(MailingClick.newcomers)).where(here, MailingClick.robot.is_(False))
    return {variant: int(number or 0) for variant, number in db.session.execute(query.group_by(MailingClick.variant))}
