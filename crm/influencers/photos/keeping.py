"""Keeping the photos of influencers, for those who see the influencer."""

import hashlib
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import undefer

from crm.accounts.models import User
from crm.base import clock
from crm.base.database import insert_into
from crm.base.uploaded_pictures import Picture
from crm.extensions import db
from crm.influencers import access, history
from crm.influencers.models import Influencer
from crm.influencers.photos.models import InfluencerPhoto


def of(influencer: Influencer) -> InfluencerPhoto | None:
    """Return the photo, without its bytes."""
    return db.session.get(InfluencerPhoto, influencer.id)


def seen(influencer_id: int, user: User) -> InfluencerPhoto | None:
    """Return the photo with its bytes, where the user sees the influencer."""
    query = select(InfluencerPhoto).join(Influencer, Influencer.id == InfluencerPhoto.influencer_id)
    query = query.where(Influencer.id == influencer_id, access.influencers(user))
    return db.session.scalar(query.options(undefer(InfluencerPhoto.content)))


def put(influencer: Influencer, picture: Picture, user: User) -> None:
    """Let this be the photo, in place of the one before."""
    values: dict[str, Any] = {"content": picture.content, "digest": hashlib.sha256(picture.content).hexdigest()}
    values |= {"width": picture.width, "height": picture.height, "user_id": user.id, "created_at": clock.now()}
    added = insert_into(InfluencerPhoto).values(influencer_id=influencer.id, **values)
    db.session.execute(added.on_conflict_do_update(index_elements=["influencer_id"], set_=values))
    history.tell(influencer, "influencer", "Photo changed", user)


def remove(influencer: Influencer, user: User) -> bool:
    """Delete the photo; False where there is none."""
    gone = delete(InfluencerPhoto).where(InfluencerPhoto.influencer_id == influencer.id)
    removed = db.session.execute(gone.returning(InfluencerPhoto.influencer_id)).first() is not None
    if removed:
        history.tell(influencer, "influencer", "Photo removed", user)
    return removed
