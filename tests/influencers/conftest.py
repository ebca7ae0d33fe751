"""People of two members that compete, and all that one of them keeps to itself."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from crm.base import clock
from crm.base.uploaded_pictures import Picture
from crm.extensions import db
from crm.influencers import asks, interactions, notes, pipeline
from crm.influencers.evidence import storage
from crm.influencers.evidence.models import AskFile
from crm.influencers.inbound.models import InboundMail
from crm.influencers.models import RestrictedNote
from crm.influencers.network import acquaintances, proposals
from crm.influencers.network.acquaintances import Knower
from crm.influencers.network.models import InfluencerProposal
from crm.influencers.offices import holdings
from crm.influencers.offices.models import Office
from crm.influencers.participants.models import InteractionChange
from crm.influencers.photos import keeping
from crm.influencers.plans.models import Plan
from crm.influencers.saved_filters import saving
from crm.influencers.saved_filters.models import SavedFilter
from crm.influencers.snoozes import snoozing
from crm.influencers.tasks import tracking
from crm.transfer.models import InfluencerImport
from tests import factories


def member(name):
    return factories.make_organization(name, is_member=True, via=name.lower())


def staff_of(organization, name, role="organizer"):
    user = factories.make_user(role, name=name, email=f"{name.lower()}@{organization.via}.example")
    user.organization_id = organization.id
    return user


@pytest.fixture
def nora(app):
    return staff_of(member("North"), "Nora")


@pytest.fixture
def sam(app):
    return staff_of(member("South"), "Sam")


@pytest.fixture
def ada(app, oscar):
    """An influencer of all members, whose owner is one of the coalition's own."""
    one = factories.make_influencer("Ada", "Adams", stage="engaged", owner_id=oscar.id)
    db.session.commit()
    return one


@pytest.fixture
def secrets(ada, nora):
    """What North keeps to itself about Ada, and an influencer of its own; returns all that was made."""
    today = clock.today(nora.zone)
    talk = interactions.log(ada.contact, "call", today, "Xyzzy said", nora, next_step="Xyzzy next", next_step_due=today)
    ask = factories.make_ask(ada, nora, title="Xyzzy grant", category="resources", owner_id=nora.id, due_on=today)
    asks.advance(ask, "made", nora, outcome="Xyzzy outcome")
    notes.write(ada, "Xyzzy note", nora, organization_id=nora.organization_id, admins_only=False)
    known = acquaintances.add(ada.contact, Knower(user=nora), {"strength": 5, "kind": "other", "remark": "Xyzzy"}, nora)
    of_north = {"source": "Library", "source_key": "xyzzy", "organization_id": nora.organization_id}
    proposals.propose(factories.make_contact(), why="Xyzzy paper", **of_north)
    own = factories.make_influencer("Quill", "Xyzzyson", organization_id=nora.organization_id)
    own.contact.last_name = "Quillson"  # The person is on record for all; that North cultivates them is not.
    own.role = "Xyzzy of the board"
    own_ask = factories.make_ask(own, nora, title="Xyzzy endorsement")
    pipeline.move(own, "connected", nora, "Xyzzy reason")
    to_do = {"title": "Xyzzy task", "note": "Xyzzy", "due_on": today, "assignee_id": nora.id, "ask_id": ask.id}
    tasks = {"task": tracking.make(ada, to_do, nora), "done": tracking.make(ada, to_do, nora)}
    tracking.complete(tasks["done"], nora)
    kept = {
        **tasks,
        **_of_later_parts(ada, own, ask, talk, nora),
        "note": db.session.scalar(select(RestrictedNote)),
        "proposal": db.session.scalar(select(InfluencerProposal)),
    }
    db.session.commit()
    return {"talk": talk, "ask": ask, "own": own, "own_ask": own_ask, "known": known, **kept}


def _of_later_parts(ada, own, ask, talk, nora):
    """Return a holding, a file, a mail that waits, a hidden interaction, a saved filter, an import that was tried."""
    today = clock.today(nora.zone)
    office, seat = (factories.add(Office(title=title, imported_facts={})) for title in ("Board chair", "Seat"))
    held = holdings.begin(seat, ada, nora, since=today - timedelta(days=9), term_ends_on=None)
    holdings.end(held, today - timedelta(days=1), "term", nora)
    holding = holdings.begin(office, own, nora, since=today, term_ends_on=today)
    keeping.put(own, Picture(b"xyzzy", 1, 1), nora)
    snoozing.snooze(own, "Xyzzy reason", today + timedelta(days=1), nora, today)
    said = {"openness": "private", "place": "Xyzzy hall", "participants": f"#{own.contact_id}"}
    hidden = interactions.log(ada.contact, "meeting", today + timedelta(days=1), "Xyzzy met", nora, **said)
    talk.place = "Xyzzy place"
    change = {"changes": {"summary": ["Xyzzy was", "Xyzzy is"]}, "version": 2, "user_id": nora.id}
    db.session.add(InteractionChange(interaction_id=talk.id, **change))
    stored = storage.SHELF.store(io.BytesIO(b"xyzzy"))
    file = {"token": stored.token, "name": "xyzzy.pdf", "kind": "pdf", "size": stored.size}
    file = factories.add(AskFile(ask_id=ask.id, user_id=nora.id, **file))
    mail = InboundMail(user_id=nora.id, digest="1", state="unsorted", written_at=clock.now(), subject="Xyzzy mail")
    mail.receivers, mail.attached = ["xyzzy@mail.example"], []
    plan = factories.add(Plan(influencer_id=ada.id, name="Xyzzy plan", anchor_on=today))
    plan.organization_id, plan.started_by_id = nora.organization_id, nora.id
    to_do = {"title": "Xyzzy step", "due_on": today, "assignee_id": nora.id}
    step = tracking.make(ada, to_do, nora, plan.id)
    run = InfluencerImport(user_id=nora.id, filename="xyzzy.csv", encoding="utf-8", separator=",", total=1)
    run.header, run.mapping, run.found = ["name"], ["name"], {"alike": ["row 2: xyzzy"], "alike_count": 1}
    number = saving.save(nora, "Xyzzy filter", {"q": "xyzzy"}, shared=True)
    rows = {"holding": holding, "hidden": hidden, "file": file, "step": step}
    rows |= {"mail": factories.add(mail), "run": factories.add(run)}
    return {**rows, "filter": db.session.get(SavedFilter, number)}
