"""Stories that people sent and may be read: on the page of their form, on their own, and in the list of the site."""

from collections.abc import Collection, Mapping
from datetime import datetime
from textwrap import shorten
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import contains_eager

from crm.actions import addresses
from crm.actions.models import Action
from crm.actions.submissions.models import Submission
from crm.actions.submissions.sending import NO, PUBLISHED
from crm.base.stories import Story
from crm.extensions import db

SHORT = 280  # characters
ON_THE_FORM = 100


def of(action: Action) -> list[tuple[Submission, str]]:
    """Return the stories of a form that everybody may read, each with the path of its page, the last ones first."""
    query = _readable().where(Submission.action_id == action.id).order_by(Submission.published_at.desc())
    return [(row, path_of(row)) for row in db.session.scalars(query.limit(ON_THE_FORM))]


def path_of(row: Submission) -> str:
    """Return the path of its own page."""
    return f"{addresses.page(row.action)}/stories/{row.id}"


def named(slug: str, number: int) -> Submission | None:
    """Return the story of that address, as long as everybody may read it."""
    return db.session.scalar(_readable().where(Action.slug == slug, Submission.id == number))


def keys() -> Any:
    """Return the select of (moment, number) of all that may be read."""
    return select(Submission.published_at, Submission.id).join(Action).where(_may_be_read())


def find(numbers: Collection[int]) -> Mapping[int, Story]:
    """Return those of these numbers that may be read."""
    return {row.id: _told(row) for row in db.session.scalars(_readable().where(Submission.id.in_(numbers)))}


def addresses_for_search() -> list[tuple[str, datetime | None]]:
    """Return the paths of their pages, and since when each is public."""
    return [(path_of(row), row.published_at) for row in db.session.scalars(_readable().order_by(Submission.id))]


def shortened(row: Submission) -> str:
    """Return how it begins."""
    return shorten(row.published_text, SHORT, placeholder=" …")


def _told(row: Submission) -> Story:
    at = row.published_at or row.at
    return Story(row.published_title, shortened(row), row.name, path_of(row), row.language, at)


def _readable() -> Any:
    query = select(Submission).join(Action, Action.id == Submission.action_id).where(_may_be_read())
    return query.options(contains_eager(Submission.action))


def _may_be_read() -> Any:
    allowed = and_(Submission.publish != NO, Submission.withdrawn_at.is_(None), Submission.state == PUBLISHED)
    return and_(allowed, Action.state == "published")
