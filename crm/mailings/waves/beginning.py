"""When the first recipients of a mailing get it."""

from datetime import datetime

from crm.base import database
from crm.base.wall_clock import WALL, Planned
from crm.extensions import db
from crm.mailings import audience
from crm.mailings.models import Mailing
from crm.mailings.waves import keeping, planning
from crm.mailings.waves.planning import Timing


def of(mailing: Mailing, planned: Planned, timing: Timing) -> datetime:
    """Return that moment, for a mailing that is planned so; at own time, by where its recipients live now."""
    if not timing.own_time:
        return planning.opening(planned.moment, planned.zone, timing)
    wall = datetime.strptime(planned.local, WALL)
    with database.looking():
        found = db.session.get_one(Mailing, mailing.id, populate_existing=True)
        lived_in = {planned.zone, *keeping.lived_in(found, audience.select_people(found))}
    return min(planning.start(wall, zone, timing) for zone in lived_in)
