"""Which ask stands behind a target: the action's own, or the only one of its campaign to that influencer."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from crm.actions.models import Action
from crm.extensions import db
from crm.influencers.asks import SETTLED
from crm.influencers.models import Ask


def asks_of(action: Action, influencer_ids: Collection[int]) -> Mapping[int, Ask]:
    """Return by influencer the ask that a target of this action is for, where that is clear."""
    found: dict[int, Ask] = {}
    if action.campaign_id is not None and influencer_ids:
        mine = (Ask.campaign_id == action.campaign_id, Ask.influencer_id.in_(influencer_ids))
        asks = db.session.scalars(select(Ask).where(*mine)).all()
        of = [ask.influencer_id for ask in asks]
        found = {ask.influencer_id: ask for ask in asks if of.count(ask.influencer_id) == 1}
    if action.ask is not None:
        found[action.ask.influencer_id] = action.ask
    return found


def is_settled(ask: Ask | None) -> bool:
    """Tell whether what was asked for is agreed to, so that nobody need ask again."""
    return ask is not None and ask.state in SETTLED
