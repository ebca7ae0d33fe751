"""What the form of an action offers to choose from, as far as the user may know of it."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms.fields.choices import SelectChoice

from crm.accounts.models import User
from crm.actions.forms import ActionForm
from crm.actions.models import Action
from crm.campaigns.models import Campaign
from crm.contacts import subscriptions
from crm.extensions import db
from crm.influencers import access
from crm.influencers.models import Ask, Influencer
from crm.organizations import members

HIDDEN = "An ask that others keep to themselves"
Choices = list[tuple[int, str]]


def fill(form: ActionForm, action: Action, user: User) -> None:
    """Set the choices of the form."""
    campaigns = db.session.execute(select(Campaign.id, Campaign.name).order_by(Campaign.name))
    form.campaign_id.choices = _after("None", ((number, name) for number, name in campaigns))
    form.ask_id.choices = _after("None", _asks(action, user))
    form.next_action_id.choices = _after("The one that closes next", _others(action))
    own = user.organization_id
    of_members = [(number, name) for number, name in members.names() if own in (None, number, action.organization_id)]
    form.organization_id.choices = _after("The coalition's", of_members)
    form.topics.offer(subscriptions.public_topics())


def seen_ask(action: Action, user: User) -> Ask | None:
    """Return the ask that the action stands behind, where the user may see it."""
    return db.session.scalar(select(Ask).where(Ask.id == action.ask_id, access.asks(user)))


def _after(blank: str, found: Iterable[tuple[int, str]]) -> list[SelectChoice]:
    return [SelectChoice("", blank), *(SelectChoice(number, label) for number, label in found)]


def _asks(action: Action, user: User) -> Choices:
    query = select(Ask).where(access.asks(user)).order_by(Ask.updated_at.desc(), Ask.id.desc()).limit(500)
    found = db.session.scalars(query.options(joinedload(Ask.influencer).joinedload(Influencer.contact))).all()
    choices: Choices = [(ask.id, f"{ask.influencer.name}: {ask.title}") for ask in found]
    if action.ask_id and action.ask_id not in {ask.id for ask in found}:
        choices.append((action.ask_id, HIDDEN))
    return choices


def _others(action: Action) -> Choices:
    query = select(Action).order_by(Action.created_at.desc(), Action.id.desc()).limit(200)
    found = query if action.id is None else query.where(Action.id != action.id)
    return [(one.id, one.title()) for one in db.session.scalars(found)]
