"""Asks: one specific request to one influencer, from planned to delivered, with everything kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from crm.accounts.models import User
from crm.base import clock, database
from crm.base.changes import Collision, apply, lock
from crm.base.registries import ask_followers
from crm.base.web_links import is_web_link
from crm.delivery import outbox
from crm.extensions import db
from crm.influencers import history
from crm.influencers.access import SEEN_BY
from crm.influencers.evidence.models import AskFile
from crm.influencers.models import Ask, AskChange, Influencer

CATEGORIES = {"visibility": "Visibility", "leverage": "Leverage", "resources": "Resources"}
STATES = {
    "planned": "Planned",
    "made": "Made",
    "agreed": "Agreed",
    "declined": "Declined",
    "lapsed": "Lapsed",
    "delivered": "Delivered",
}
OPEN = ("planned", "made", "agreed")
SETTLED = ("agreed", "delivered")  # Nobody need ask again.
LOBBYING = {"education": "Education", "direct": "Direct lobbying", "grassroots": "Grassroots lobbying"}
UNITS = {"usd": "US dollars", "people": "people reached", "places": "places"}


@dataclass(frozen=True)
class Step:
    """One allowed step to a state; a step back needs a reason, the last one needs evidence."""

    to: str
    label: str
    needs_reason: bool = False
    needs_evidence: bool = False


STEPS: dict[str, tuple[Step, ...]] = {
    "planned": (Step("made", "It was made"), Step("lapsed", "Let it lapse")),
    "made": (
        Step("agreed", "They agreed"),
        Step("declined", "They declined", needs_reason=True),
        Step("lapsed", "Let it lapse"),
        Step("planned", "Back to planned", needs_reason=True),
    ),
    "agreed": (
        Step("delivered", "It was delivered", needs_evidence=True),
        Step("declined", "They withdrew", needs_reason=True),
        Step("lapsed", "Let it lapse"),
        Step("made", "Back to made", needs_reason=True),
    ),
    "declined": (Step("made", "Ask again", needs_reason=True),),
    "lapsed": (
        Step("planned", "Plan it again", needs_reason=True),
        Step("made", "It was made after all", needs_reason=True),
    ),
    "delivered": (Step("agreed", "Not delivered after all", needs_reason=True),),
}


class Refused(Exception):
    """The step is not possible; `field` names what is missing, the message says what to do."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def plan(influencer: Influencer, values: Mapping[str, Any], user: User | None) -> Ask:
    """Return a new planned ask with these values (title and category at least).

    It is the user's organization that asks. Members compete for funders: unless something else is said, they do not
    see each other's asks for resources. Raises Refused where a value cannot stand.
    """
    _check(values)
    seen_by = values.get("seen_by") or ("own" if values["category"] == "resources" else "members")
    given = {**values, "seen_by": seen_by, "organization_id": user.organization_id if user else None}
    ask = Ask(influencer_id=influencer.id, state="planned", version=1, **given)
    db.session.add(ask)
    ask.influencer = influencer
    ask.history.append(AskChange(user_id=_id(user), old_state="", new_state="planned", changes={}, version=1))
    db.session.flush()
    history.tell_of_ask(ask, f"Ask planned: {ask.title}", user)
    _follow(ask)
    return ask


def edit(ask: Ask, values: Mapping[str, Any], user: User | None, expected_version: int) -> AskChange | None:
    """Set the values, and return what changed; None where nothing did.

    Raises Collision where somebody else changed the ask after that version, Refused.
    """
    _check(values)
    lock(ask)
    if missed := changes_since(ask, expected_version):
        raise Collision(missed)
    if ask.state == "delivered" and not (values.get("evidence_url", ask.evidence_url) or _has_files(ask)):
        raise Refused("A delivered ask keeps its evidence. Take it back to agreed first.", "evidence_url")
    changed = apply(ask, values)
    if "seen_by" in changed:
        history.follow_ask(ask)
    if "campaign_id" in changed:
        _follow(ask)
    return keep(ask, ask.state, user, changes=changed) if changed else None


def advance(
    ask: Ask,
    state: str,
    user: User | None,
    *,
    reason: str = "",
    outcome: str = "",
    evidence_url: str = "",
    file: AskFile | None = None,
    expected_version: int | None = None,
) -> AskChange:
    """Take the ask one step, and return the change. An outcome or evidence (link or file) given with it is kept.

    What is queued about an ask that is agreed to is canceled. Raises Collision where somebody else changed the ask
    after `expected_version`, Refused.
    """
    lock(ask)
    if expected_version is not None and (missed := changes_since(ask, expected_version)):
        raise Collision(missed)
    step = _step(ask, state)
    given = {"outcome": outcome.strip(), "evidence_url": evidence_url.strip()}
    given = {field: text for field, text in given.items() if text}
    _check(given)
    if step.needs_reason and not reason.strip():
        raise Refused("Say why, for those who read the history later.", "reason")
    if step.needs_evidence and not (given.get("evidence_url") or ask.evidence_url or file or _has_files(ask)):
        raise Refused("Give a link or a file that shows it: an article, a recording, a letter, a page.", "evidence_url")
    changes = apply(ask, given) | (attach(ask, file, user) if file else {})
    canceled = outbox.cancel_about(mail_about(ask.id)) if state == "agreed" else 0
    if canceled:
        changes["mails_queued"] = [canceled, 0]
    change = keep(ask, state, user, reason=reason, changes=changes)
    history.tell_of_ask(ask, f"Ask {STATES[state].lower()}: {ask.title}{_canceled(canceled)}", user)
    return change


def mail_about(ask_id: int) -> str:
    """Return as what mail is queued that an agreed ask cancels."""
    return f"ask:{ask_id}"


def cancel_what_waits_again() -> int:
    """Cancel mail about asks that were agreed to while it was on its way, and that was put off; return how many."""
    with database.looking():  # Mostly nothing waits, and then no lock is taken.
        waiting = {int(name.removeprefix("ask:")) for name in outbox.waits_about("ask:")}
        settled = db.session.scalars(select(Ask.id).where(Ask.id.in_(waiting), Ask.state.in_(SETTLED)).order_by(Ask.id))
        numbers = settled.all()
    return sum(outbox.cancel_about(mail_about(number)) for number in numbers)


def allow_public(ask: Ask, allowed: bool, user: User) -> AskChange | None:
    """Let the ask appear in public, or make it private again; who and when is kept."""
    lock(ask)
    if (ask.public_at is not None) == allowed:
        return None
    ask.public_by_id = user.id if allowed else None
    ask.public_at = clock.now() if allowed else None
    return keep(ask, ask.state, user, changes={"may_be_public": [not allowed, allowed]})


def attach(ask: Ask, file: AskFile, user: User | None) -> dict[str, list[Any]]:
    """Add a file to the ask, and return that as a change, to be kept by the caller."""
    file.ask_id, file.user_id = ask.id, _id(user)
    db.session.add(file)
    return {"evidence_file": [None, file.name]}


def keep(
    ask: Ask, state: str, user: User | None, *, reason: str = "", changes: Mapping[str, Any] | None = None
) -> AskChange:
    """Write a step or an edit into the history, and return it; the caller has locked the ask."""
    ask.version += 1
    change = AskChange(
        user_id=_id(user),
        old_state=ask.state,
        new_state=state,
        reason=reason.strip(),
        changes=dict(changes or {}),
        version=ask.version,
    )
    if state != ask.state:
        ask.state, ask.state_since = state, clock.now()
    ask.history.append(change)
    db.session.flush()
    return change


def changes_since(ask: Ask, version: int) -> list[AskChange]:
    """Return the changes made after that version, oldest first."""
    query = select(AskChange).where(AskChange.ask_id == ask.id, AskChange.version > version)
    return list(db.session.scalars(query.order_by(AskChange.id)))


def _step(ask: Ask, state: str) -> Step:
    for step in STEPS[ask.state]:
        if step.to == state:
            return step
    possible = ", ".join(STATES[step.to].lower() for step in STEPS[ask.state])
    asked_for = STATES.get(state, state).lower()
    raise Refused(f"This ask is {STATES[ask.state].lower()}; it cannot become {asked_for}. Possible: {possible}.")


def _check(values: Mapping[str, Any]) -> None:
    if "title" in values and not values["title"].strip():
        raise Refused("Say what exactly is asked for.", "title")
    if values.get("seen_by") and values["seen_by"] not in SEEN_BY:
        raise Refused("Choose who sees it.", "seen_by")
    if "category" in values and values["category"] not in CATEGORIES:
        raise Refused("Choose visibility, leverage or resources.", "category")
    if values.get("lobbying") and values["lobbying"] not in LOBBYING:
        raise Refused("Choose education, direct lobbying or grassroots lobbying.", "lobbying")
    link = values.get("evidence_url")
    if link and not is_web_link(link):
        raise Refused("Give the whole address of the evidence, beginning with https:// or http://.", "evidence_url")
    if values.get("value") is not None and values.get("unit") not in UNITS:
        raise Refused("Say what the value counts.", "unit")


def _follow(ask: Ask) -> None:
    db.session.flush()
    for follow in ask_followers:
        follow(ask)


def _canceled(number: int) -> str:
    if not number:
        return ""
    return (
        f". {number:,} {'mail' if number == 1 else 'mails'} queued about it {'is' if number == 1 else 'are'} canceled"
    )


def _has_files(ask: Ask) -> bool:
    return db.session.scalar(select(AskFile.id).where(AskFile.ask_id == ask.id).limit(1)) is not None


def _id(user: User | None) -> int | None:
    return user.id if user else None
