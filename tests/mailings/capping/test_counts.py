"""The live count tells what the freezing comes to: exclusions, blocked addresses, influencers and the cap together."""

from itertools import product

import pytest
from sqlalchemy import event

from crm.contacts.models import Contact
from crm.delivery import freezing, suppression
from crm.extensions import db
from crm.influencers.models import Influencer
from crm.mailings import audience
from crm.mailings.capping import outcomes
from crm.mailings.choosing.wanted import Wanted
from tests import factories
from tests.mailings.capping.makers import make_cap, reached, release, sent_before
from tests.mailings.makers import make_consent, make_mailing, make_people, make_segment

PARTS = ("ohio", "got_it", "often", "blocked", "influencer")
Traits = frozenset[str]


@pytest.fixture
def people(app) -> dict[int, Traits]:
    """Somebody of each kind, by contact id: in the segment, got the mailing, had enough, blocked, an influencer."""
    return dict(_person(frozenset(chosen) - {""}) for chosen in product(*(("", part) for part in PARTS)))


@pytest.fixture
def mailing(people):
    def those(part):
        return db.session.query(Contact).filter(Contact.id.in_([one for one, has in people.items() if part in has]))

    make_cap(most=2)
    got = sent_before(*those("got_it"))
    # Who got that one has had one; so the others here make two for everybody who had enough.
    sent_before(*those("often"), subject="Second")
    sent_before(*those("often"), subject="Third", state="uncertain")
    for one in those("blocked"):
        suppression.suppress(one.email, "complaint")
    ohio = make_segment(state="OH")
    chosen = Wanted(without_segments=[ohio.id], without_mailings=[got.id], without_people=[max(people)])
    return make_mailing(kind="call_to_action", audience=chosen.kept())


def _person(traits: Traits) -> tuple[int, Traits]:
    person = make_people(1, state="OH" if "ohio" in traits else "MI")[0]
    if "influencer" in traits:
        factories.add(Influencer(contact_id=person.id, imported_facts={}))
        if "often" in traits or "blocked" in traits:
            make_consent(person, "action-alerts")
            traits |= {"confirmed"}
    db.session.commit()
    return person.id, traits


def expected(people) -> tuple[set[int], set[int], set[int]]:
    """Who gets a copy that is sent, who one that is blocked, and whom the cap leaves out; by the words alone."""
    wanted = {
        one: has
        for one, has in people.items()
        if not has & {"ohio", "got_it"} and one != max(people) and ("influencer" not in has or "confirmed" in has)
    }
    capped = {one for one, has in wanted.items() if "often" in has}
    blocked = {one for one, has in wanted.items() if "blocked" in has} - capped
    return set(wanted) - capped - blocked, blocked, capped


def addresses(ids: set[int]) -> set[str]:
    return {email for (email,) in db.session.query(Contact.email).filter(Contact.id.in_(ids))}


def test_the_count_and_the_ledger_agree_with_the_words(people, mailing):
    recipients, blocked, capped = expected(people)
    reach = audience.reach(mailing)
    assert (reach.recipients, reach.blocked, reach.capped) == (len(recipients), len(blocked), len(capped))
    going = {one.contact_id for one in reach.influencers}
    assert going == {one for one in recipients | blocked if "influencer" in people[one]}
    assert {one.contact_id for one in reach.held} == {
        one for one, has in people.items() if "influencer" in has and not has & {"confirmed", "ohio", "got_it"}
    }
    frozen = release(mailing)
    assert reached(frozen) == addresses(recipients | blocked)
    assert {one.id for one in db.session.scalars(outcomes.people(frozen))} == capped
    again = audience.reach(frozen)
    assert (again.recipients, again.blocked, again.capped) == (reach.recipients, reach.blocked, reach.capped)


def test_chunks_of_one_are_the_same(people, mailing, monkeypatch):
    recipients, blocked, _ = expected(people)
    for name in ("FIRST_CHUNK", "LEAST_CHUNK", "MOST_CHUNK"):
        monkeypatch.setattr(freezing, name, 1)
    assert reached(release(mailing)) == addresses(recipients | blocked)


def test_whom_it_leaves_out_is_not_looked_for_anew_in_every_chunk(people, mailing, monkeypatch):
    """A chunk asks nothing but what is told of each contact alone: lists of others would be made anew each time."""
    monkeypatch.setattr(freezing, "FIRST_CHUNK", 1)
    queued = []

    def note(_connection, _cursor, statement, *_more) -> None:
        if statement.startswith("INSERT INTO delivery ") and "SELECT" in statement:
            queued.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    release(mailing)
    event.remove(db.engine, "before_cursor_execute", note)
    assert len(queued) > 1
    assert not any("contact.state" in each for each in queued)
    assert all("capped_contact.contact_id = contact.id" in each for each in queued)
