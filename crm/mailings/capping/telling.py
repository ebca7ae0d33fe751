"""What pages of a mailing tell of the cap: what holds for it before it goes, and what it did after."""

from dataclasses import dataclass

from crm.mailings.capping import outcomes, rule
from crm.mailings.capping.models import CapException, CapOutcome
from crm.mailings.models import KINDS, Mailing


@dataclass(frozen=True)
class Told:
    """The cap in words ("" where there is none), and why it does not hold for this mailing."""

    words: str
    exception: CapException | None = None
    free_kind: str = ""


def before(mailing: Mailing) -> Told | None:
    """Return how the cap stands to a mailing that has not gone out; None where there is no cap."""
    cap = rule.current()
    if cap is None or not cap.active:
        return None
    free = KINDS[mailing.kind] if mailing.kind in cap.free_kinds else ""
    return Told(in_words(cap.most, rule.days(cap)), rule.exception(mailing), free)


def after(mailing: Mailing) -> tuple[CapOutcome, str] | None:
    """Return what the cap did to a mailing that was frozen, and the cap in words; None where it was under none."""
    outcome = outcomes.of(mailing)
    return (outcome, in_words(outcome.most, outcome.days)) if outcome else None


def in_words(most: int, days: int) -> str:
    """Return the cap, e.g. “at most 3 mailings in 7 days”."""
    mailings = "1 mailing" if most == 1 else f"{most} mailings"
    return f"at most {mailings} in {'1 day' if days == 1 else f'{days} days'}"
