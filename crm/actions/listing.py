"""Which actions there are: for visitors by what can be done now, for staff by all that they look for."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, func, or_, select, type_coerce
from sqlalchemy.orm import joinedload

from crm.actions import addresses, opening
from crm.actions.models import Action
from crm.base import clock
from crm.base.columns import UtcDateTime
from crm.base.digest_news import NewsItem
from crm.base.forms import row_number
from crm.base.words import searched
from crm.extensions import db

CLOSED_SHOWN = 20
NEXT_TRIED = 10
OFFERED = 200  # actions to choose from


def open_now(limit: int = 100) -> Sequence[Action]:
    """Return the actions that can be done now: what closes first stands first."""
    closing = (Action.closes_at.is_(None), Action.closes_at, Action.published_at.desc(), Action.id)
    return db.session.scalars(select(Action).where(opening.is_open()).order_by(*closing).limit(limit)).all()


def coming(limit: int = 100) -> Sequence[Action]:
    """Return those that open later, the next first."""
    query = select(Action).where(opening.is_coming()).order_by(Action.opens_at, Action.id)
    return db.session.scalars(query.limit(limit)).all()


def closed(limit: int = CLOSED_SHOWN) -> Sequence[Action]:
    """Return those that are over, the last ones first."""
    query = select(Action).where(opening.is_closed()).order_by(Action.closes_at.desc(), Action.id.desc())
    return db.session.scalars(query.limit(limit)).all()


def anything() -> bool:
    """Tell whether there is anything that visitors may see."""
    return db.session.scalar(select(Action.id).where(Action.state == "published").limit(1)) is not None


def fresh(since: datetime, until: datetime, language: str) -> list[NewsItem]:
    """Return the actions that can be done since between these two moments, and still can at the second of them."""
    opens, public = Action.opens_at, Action.published_at
    began = case((opens.is_not(None) & (opens > public), opens), else_=public)
    query = select(Action, type_coerce(began, UtcDateTime)).where(Action.state == "published", began >= since)
    query = query.where(began < until, Action.closes_at.is_(None) | (Action.closes_at > until))
    found = db.session.execute(query.order_by(began.desc(), Action.id.desc()))
    return [
        NewsItem(action.title(language), action.said("summaries", language)[0], addresses.page(action), at)
        for action, at in found
    ]


def choices(*kinds: str) -> list[tuple[str, str]]:
    """Return the actions of these kinds by number, the newest first, to choose from."""
    query = select(Action).where(Action.kind.in_(kinds)).order_by(Action.created_at.desc(), Action.id.desc())
    return [(str(action.id), action.title()) for action in db.session.scalars(query.limit(OFFERED))]


def choice_named(value: str) -> str:
    """Return the title of the action of that number; "" where there is none."""
    action = db.session.get(Action, row_number(value))
    return action.title() if action else ""


def addresses_for_search() -> list[tuple[str, datetime | None]]:
    """Return the paths of the public pages, and since when each is public."""
    query = select(Action).where(Action.state == "published").order_by(Action.id)
    pages = [(addresses.page(action), action.published_at) for action in db.session.scalars(query)]
    return [("/actions/", None), *pages] if pages else []


def named(slug: str, *, drafts: bool = False) -> Action | None:
    """Return the action of that address; one that is not published only where drafts are wanted."""
    action = db.session.scalar(select(Action).where(Action.slug == slug))
    return action if action is not None and (drafts or action.state == "published") else None


def title_of(action_id: int, language: str) -> str:
    """Return the title of an action that can still be done or was, "" where it is gone."""
    action = db.session.get(Action, action_id)
    return action.title(language) if action is not None and action.state == "published" else ""


def is_open(action_id: int) -> bool:
    """Tell whether the action can be done now."""
    action = db.session.get(Action, action_id)
    return action is not None and opening.phase(action) == opening.OPEN


def page_of(action_id: int) -> str:
    """Return the path of its public page."""
    return addresses.page(db.session.get_one(Action, action_id))


def done_of(action_id: int, token: str) -> str:
    """Return the path of the page that thanks whom the token names."""
    return f"{page_of(action_id)}/done/{token}"


def next_of(action: Action) -> list[Action]:
    """Return what may be done next: what staff chose, then what closes first."""
    chosen = [action.next_action] if action.next_action and opening.phase(action.next_action) == opening.OPEN else []
    return [one for one in dict.fromkeys([*chosen, *open_now(NEXT_TRIED)]) if one.id != action.id]


def matching(wanted: Mapping[str, str]) -> Select[Action]:
    """Return the query of the staff's list: by words, kind, state and campaign, the newest first."""
    query = select(Action).options(joinedload(Action.campaign), joinedload(Action.organization))
    for word in searched(wanted.get("q", "")):
        query = query.where(or_(Action.slug.icontains(word, autoescape=True), _titled(word)))
    if wanted.get("kind"):
        query = query.where(Action.kind == wanted["kind"])
    if condition := _phases().get(wanted.get("state", "")):
        query = query.where(*condition)
    if wanted.get("campaign"):
        query = query.where(Action.campaign_id == row_number(wanted["campaign"]))
    return query.order_by(Action.created_at.desc(), Action.id.desc())


def _titled(word: str) -> ColumnElement[bool]:
    titles = (Action.titles[code].as_string() for code in ("en", "es", "ar"))
    return or_(*(func.coalesce(title, "").icontains(word, autoescape=True) for title in titles))


def _phases() -> dict[str, Sequence[ColumnElement[bool]]]:
    return {
        opening.DRAFT: [Action.state == "draft"],
        opening.COMING: [Action.state == "published", Action.opens_at > clock.now()],
        opening.OPEN: [opening.is_open()],
        opening.CLOSED: [opening.is_closed()],
    }
