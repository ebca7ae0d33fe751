"""Committee seats: what stood as JSON on the profile becomes rows, and back."""

import json

from flask_migrate import downgrade, upgrade
from sqlalchemy import select, text

from crm.config import ROOT
from crm.extensions import db
from crm.influencers.models import Influencer
from crm.influencers.offices.models import CommitteeSeat
from tests import factories

SEATS = [
    {"code": "HSED", "name": "Education", "role": "Chair", "rank": 1, "side": "majority"},
    {"code": "HSAG", "name": "Agriculture", "role": "Member", "rank": None, "side": ""},
]


def test_seats_that_stand_become_rows_and_rows_become_seats(bare_app):
    number = int(next((ROOT / "migrations" / "versions").glob("*_offices.py")).name[:4])
    person = factories.make_influencer(imported_facts={"phone": "1"}).id
    other = factories.make_influencer().id
    db.session.commit()
    db.session.remove()
    downgrade(revision=f"{number:04d}")
    downgrade(revision="-1")
    try:
        write = text("UPDATE influencer SET committees = :seats, imported_facts = :facts WHERE id = :id")
        facts = {"phone": "1", "committees": SEATS}
        db.session.execute(write, {"seats": json.dumps(SEATS), "facts": json.dumps(facts), "id": person})
        db.session.commit()
        db.session.remove()
    finally:
        upgrade()
    rows = db.session.scalars(select(CommitteeSeat).order_by(CommitteeSeat.id)).all()
    assert [{name: getattr(row, name) for name in SEATS[0]} for row in rows] == SEATS
    assert {(row.influencer_id, row.since, row.until) for row in rows} == {(person, None, None)}
    assert db.session.get_one(Influencer, person).imported_facts == {"phone": "1"}
    assert db.session.get_one(Influencer, other).committees == []
    db.session.remove()
    downgrade(revision=f"{number:04d}")
    downgrade(revision="-1")
    try:
        stored = db.session.scalar(text("SELECT committees FROM influencer WHERE id = :id"), {"id": person})
        assert (
            sorted(json.loads(stored) if isinstance(stored, str) else stored, key=lambda seat: seat["rank"] or 9)
            == SEATS
        )
        db.session.remove()
    finally:
        upgrade()
