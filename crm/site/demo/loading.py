"""Loading the sample data, and clearing it away."""

import random

from sqlalchemy import select, update

from crm.accounts import users
from crm.accounts.models import User
from crm.contacts.models import Source
from crm.extensions import db
from crm.organizations import coalition as own_coalition
from crm.organizations.models import Coalition
from crm.site.demo import (
    actions,
    coalition,
    events,
    forms,
    influencers,
    library,
    mailings,
    marks,
    network,
    offices,
    outreach,
    people,
    replies,
    survey,
    tasks,
    website,
)

SEED = "Bridgeway"


class NotNow(Exception):
    """Sample data cannot be loaded or cleared; the message says why."""


def load() -> dict[str, int]:
    """Add the sample data, and return how many of each; raises NotNow where it is loaded already."""
    if marks.any_left():
        raise NotNow("The sample data is loaded already. `crm demo clear` removes it.")
    dice = random.Random(SEED)  # noqa: S311 (sample data, the same each time)
    sources_before = _sources()
    with marks.marking():
        stage = coalition.prepare()
        active = people.add(stage, dice)
        known = influencers.add(stage)
        network.add(stage, known, active)
        offices.add(stage, known, active)
        tasks.add(stage, known)
        actions.add(stage, active, random.Random(SEED))  # noqa: S311
        mailings.add(stage, active, dice)
        events.add(stage, active, random.Random(f"{SEED} events"))  # noqa: S311
        replies.add(stage)
        library.add(stage, active, dice)
        forms.add(stage, active, dice)
        outreach.add(stage, active, random.Random(f"{SEED} outreach"))  # noqa: S311
        survey.add(stage, active, random.Random(f"{SEED} survey"))  # noqa: S311
        website.add(stage, active)
    marks.mark([{"table_name": "source", "row_id": number} for number in _sources() - sources_before])
    return {"contacts": people.PEOPLE, "active": len(active), "influencers": len(known), "mailings": 3}


def is_empty() -> bool:
    """Tell whether nobody has begun here: no coalition and no user."""
    return own_coalition.current() is None and not users.exist()


def clear() -> int:
    """Remove the sample data alone, and return how many rows; raises NotNow where there is none.

    A sample user whom other rows name stays as a closed account.
    """
    if not marks.any_left():
        raise NotNow("There is no sample data here.")
    _keep_a_coalition_that_was_made_one_s_own()
    sample_users = list(db.session.scalars(marks.marked("user")))
    mailings.clear_sent()
    removed = marks.remove()
    closing = update(User).where(User.id.in_(sample_users)).values(active=False, password_hash="")
    db.session.execute(closing)
    return removed


def _sources() -> set[int]:
    # Sources are made past the session, by INSERT … ON CONFLICT.
    return set(db.session.scalars(select(Source.id)))


def _keep_a_coalition_that_was_made_one_s_own() -> None:
    found = db.session.scalar(select(Coalition).where(Coalition.id.in_(marks.marked("coalition"))))
    if found and found.name != coalition.NAME:
        marks.unmark("coalition", found.id)
