"""When the first recipients of a mailing get it."""

from datetime import datetime

from crm.base import database
from crm.base.wall_clock import WALL, BadTime, Planned
from crm.extensions import db
from crm.mailings import audience
from crm.mailings.models import Mailing
from crm.mailings.waves import keeping, planning
from crm.mailings.waves.planning import Timing

NAMED = 3  # zones of those whose hour is over


def of(mailing: Mailing, planned: Planned, timing: Timing, now: datetime) -> datetime:
    """Return that moment, for a mailing that is planned so; at own time, by where its recipients live now.

    Raises BadTime where the hour is over for some of them, who would get it at once and at another hour.
    """
    if not timing.own_time:
        return planning.opening(planned.moment, planned.zone, timing)
    wall = datetime.strptime(planned.local, WALL)
    with database.looking():
        found = db.session.get_one(Mailing, mailing.id, populate_existing=True)
        people = keeping.lived_in(planned.zone, audience.select_people(found))
    starts = {zone: planning.start(wall, zone, timing) for zone in (planned.zone, *people)}
    over = {zone: people[zone] for zone, begins in starts.items() if zone in people and begins < now}
    if over:
        number, total = sum(over.values()), sum(people.values())
        where = ", ".join(sorted(over, key=lambda zone: -over[zone])[:NAMED])
        raise BadTime(
            f"{wall:%H:%M} on {wall:%B} {wall.day} is over already by the clocks of {number:,} of {total:,} people "
            f"({where}). Choose a later day, or let all get it at the same moment.",
            "at",
        )
    return min(starts.values())
