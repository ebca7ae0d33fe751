"""A second person approves exactly what was seen, and nothing goes without."""

from datetime import timedelta

import pytest

from crm.base import clock, wall_clock
from crm.contacts.models import Segment
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import composing, scheduling
from crm.mailings.approval import approving, gate, rules
from crm.mailings.approval.models import MailingApproval
from crm.mailings.capping import deciding
from crm.mailings.composer.models import MailingRevision
from crm.mailings.models import Mailing
from tests import factories
from tests.mailings.makers import make_mailing, make_people, make_segment
from tests.mailings.test_staff import typed

TOMORROW = {"at": "2099-12-01T09:00", "zone": "UTC", "when": "later"}


@pytest.fixture
def mailing(app, alice, oscar):
    """One that Oscar began, in a coalition where all mailings to more than two people need approval."""
    rule(approval_over=2)
    make_people(3)
    return make_mailing(subject="Hello {{ first_name }}", kind="newsletter", by="oscar@bridgeway.example")


def rule(**values):
    rules.save(rules.row(), values, rules.current().version)
    db.session.commit()


def only():
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Mailing).one()


def post(browser, what, status=200, **values):
    version = values.pop("version", only().version)
    data = {"approval-version": version, **{f"approval-{name}": value for name, value in values.items()}}
    return browser.send(f"/staff/mailings/{only().id}/approval/{what}", data, status=status)


def schedule(browser, **values):
    return browser.send(f"/staff/mailings/{only().id}/schedule", {"version": only().version, **TOMORROW, **values})


def letters():
    rows = db.session.query(Delivery).filter(Delivery.address.endswith("@bridgeway.example")).order_by(Delivery.id)
    return [(row.address, row.merge) for row in rows]


def events():
    return [row.event for row in db.session.query(MailingApproval).order_by(MailingApproval.id)]


def test_the_author_asks_an_approver_approves_and_the_author_schedules(mailing, as_alice, as_oscar):
    page = as_oscar.page(f"/staff/mailings/{mailing.id}/review")
    assert "Needs approval" in page.text
    assert 'name="when"' not in page.text
    assert "are asked by e-mail" in post(as_oscar, "ask", note="Goes out on Tuesday").text
    address, merge = letters()[0]
    assert address == "alice@bridgeway.example"
    assert (merge["who"], merge["recipients"], merge["note"]) == ("Oscar Organizer", "3", "Goes out on Tuesday")
    for url in ("/staff/mailings/", "/staff/mailings/?state=approval", "/staff/"):
        assert "Waits for approval" in as_alice.page(url).text, url
    assert "Goes out on Tuesday" in as_alice.page(f"/staff/mailings/{mailing.id}/review").text
    post(as_alice, "approve")
    assert letters()[1][0] == "oscar@bridgeway.example"
    assert "Alice Admin</bdi> has approved it as it is" in as_oscar.page(f"/staff/mailings/{mailing.id}/review").text
    for url in ("/staff/mailings/", f"/staff/mailings/{mailing.id}/review"):
        assert ">Approved</span>" in as_oscar.page(url).text, url
    schedule(as_oscar)
    assert only().state == "scheduled"
    assert "Alice Admin" in as_oscar.page(f"/staff/mailings/{mailing.id}").text


def test_it_is_returned_with_a_note_and_the_author_reads_why(mailing, as_alice, as_oscar):
    post(as_oscar, "ask")
    assert "Write what has to change" in post(as_alice, "return", status=409).text
    post(as_alice, "return", note="The second link is wrong")
    assert letters()[-1][1]["note"] == "The second link is wrong"
    page = as_oscar.page(f"/staff/mailings/{mailing.id}/review")
    assert "The second link is wrong" in page.text
    assert "Ask for approval" in page.text
    assert "needs approval" not in as_oscar.page("/staff/mailings/?state=approval").text
    assert events() == ["asked", "returned"]


def test_the_author_cannot_release_it_by_any_way(mailing, as_oscar):
    assert "need approval by somebody" in schedule(as_oscar).text
    assert only().state == "draft"
    post(as_oscar, "ask")
    assert "somebody else has to approve it" in post(as_oscar, "approve", status=409).text
    assert only().state == "draft"
    mailing = only()
    mailing.state, mailing.problem = "paused", "It was due over six hours ago."
    db.session.commit()
    assert "need approval by somebody" in as_oscar.send(f"/staff/mailings/{mailing.id}/resume").text
    assert only().state == "paused"


def test_who_changed_it_cannot_approve_it_but_a_third_can(mailing, as_alice, as_oscar, client_of):
    as_alice.send(f"/staff/mailings/{mailing.id}/edit", typed(subject="By Alice", version=1))
    assert "Nobody can approve it" in post(as_oscar, "ask", status=409).text
    factories.make_user("organizer", email="olga@bridgeway.example", name="Olga")
    db.session.commit()
    post(as_oscar, "ask")
    assert [address for address, _ in letters()] == ["olga@bridgeway.example"]
    assert "somebody else has to approve it" in post(as_alice, "approve", status=409).text


def test_who_took_its_report_as_a_file_can_approve_it(mailing, as_alice, as_oscar):
    as_alice.post(f"/staff/mailings/{mailing.id}/report/file", data={"as": "csv"})
    post(as_oscar, "ask")
    post(as_alice, "approve")
    assert events() == ["asked", "approved"]


@pytest.mark.parametrize(
    ("act", "values"),
    [
        ("designs/of/{}", {"design": ""}),
        ("{}/texts/es/remove", {}),
        ("{}/to-all", {"reason": "It is urgent"}),
        ("{}/history/{first}/restore", {}),
    ],
)
def test_who_changed_its_looks_or_who_gets_it_cannot_approve_it(mailing, as_alice, as_oscar, act, values):
    first = db.session.query(MailingRevision).one().id
    as_alice.send(f"/staff/mailings/{act.format(mailing.id, first=first)}", values)
    assert only().version > 1
    assert "Nobody can approve it" in post(as_oscar, "ask", status=409).text


def test_what_saved_itself_while_one_wrote_counts_as_a_change(mailing, as_alice, as_oscar):
    as_alice.send(f"/staff/mailings/{mailing.id}/autosave", typed(subject="By Alice", version=1))
    assert only().subject == "By Alice"
    assert "Nobody can approve it" in post(as_oscar, "ask", status=409).text


def test_who_is_to_get_it_is_a_change_too_when_it_saved_itself(mailing, as_alice, as_oscar):
    told = typed(subject=mailing.subject, preheader=mailing.preheader, body=mailing.body, people="all", version=1)
    as_alice.send(f"/staff/mailings/{mailing.id}/autosave", told)
    assert only().audience["people"] == "all"
    assert "Nobody can approve it" in post(as_oscar, "ask", status=409).text


def test_letting_it_go_to_all_in_spite_of_the_cap_ends_an_approval(mailing, as_alice, as_oscar):
    post(as_oscar, "ask")
    post(as_alice, "approve")
    deciding.send_to_all(only(), "It is urgent")
    db.session.commit()
    assert "need approval" in schedule(as_oscar).text


def test_who_changed_it_before_an_earlier_approval_may_approve_later(mailing, as_alice, as_oscar):
    olga = factories.make_user("organizer", email="olga@bridgeway.example", name="Olga")
    db.session.commit()
    as_alice.send(f"/staff/mailings/{mailing.id}/edit", typed(subject="By Alice", version=1))
    post(as_oscar, "ask")
    approving.approve(only(), olga, "", only().version)
    db.session.commit()
    as_oscar.send(f"/staff/mailings/{mailing.id}/edit", typed(subject="Again", version=only().version))
    post(as_oscar, "ask")
    post(as_alice, "approve")
    assert events()[-1] == "approved"


def test_any_change_ends_the_approval(mailing, as_alice, as_oscar):
    post(as_oscar, "ask")
    post(as_alice, "approve")
    as_oscar.send(f"/staff/mailings/{mailing.id}/edit", typed(subject="Changed", version=only().version))
    page = schedule(as_oscar)
    assert "need approval by somebody" in page.text
    assert "It was changed since <bdi>Alice Admin</bdi> approved it" in page.text
    assert only().state == "draft"


def test_what_was_changed_after_it_was_seen_is_not_approved(mailing, as_alice, as_oscar):
    post(as_oscar, "ask")
    seen = only().version
    as_oscar.send(f"/staff/mailings/{mailing.id}/edit", typed(subject="Changed", version=seen))
    page = post(as_alice, "approve", version=seen, note="Fine with me", status=409)
    assert "Somebody changed this mailing" in page.text
    assert events() == ["asked"]


def test_scheduling_and_taking_back_change_no_word_so_the_approval_holds(mailing, as_alice, as_oscar):
    post(as_oscar, "ask")
    post(as_alice, "approve")
    schedule(as_oscar)
    as_oscar.send(f"/staff/mailings/{mailing.id}/take-back")
    assert only().state == "draft"
    schedule(as_oscar, at="2099-12-02T09:00")
    assert only().state == "scheduled"


def test_who_could_approve_it_may_schedule_it_at_once(mailing, as_alice):
    assert "scheduling it is your approval" in as_alice.page(f"/staff/mailings/{mailing.id}/review").text
    schedule(as_alice)
    assert only().state == "scheduled"
    assert events() == ["released"]


def test_who_asked_is_told_when_an_approver_schedules_it_at_once(mailing, as_alice, as_oscar):
    post(as_oscar, "ask")
    schedule(as_alice)
    assert [address for address, _ in letters()] == ["alice@bridgeway.example", "oscar@bridgeway.example"]
    assert events() == ["asked", "released"]


@pytest.mark.parametrize("narrowed", ["segment", "segments"])
def test_an_edited_segment_is_another_audience(app, alice, oscar, as_alice, as_oscar, narrowed):
    rule(approval_over=0)
    make_people(2, state="OH")
    segment = make_segment(state="OH")
    wanted = {"segment": segment.id} if narrowed == "segment" else {"segments": [segment.id]}
    mailing = make_mailing(audience={"people": "topic", **wanted}, by="oscar@bridgeway.example")
    post(as_oscar, "ask")
    post(as_alice, "approve")
    found = db.session.get(Segment, segment.id)
    found.definition = {"op": "or", "not": False, "items": segment.definition["items"] * 2}
    db.session.commit()
    assert "need approval" in schedule(as_oscar).text
    assert mailing.id == only().id


def test_an_audience_that_grew_over_the_size_is_held_when_it_is_due(app, oscar, as_oscar):
    rule(approval_over=2)
    make_people(2)
    mailing = make_mailing(by="oscar@bridgeway.example")
    schedule(as_oscar)
    assert only().state == "scheduled"
    make_people(1)
    only().scheduled_at = clock.now()
    db.session.commit()
    scheduling.release_due()
    assert only().state == "paused"
    assert "need approval" in only().problem
    assert "need approval" in as_oscar.page(f"/staff/mailings/{mailing.id}").text


def test_the_command_line_releases_as_an_admin(mailing):
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    scheduling.release_due()
    assert only().state == "sending"
    assert events() == ["released"]


def test_without_a_rule_nothing_is_asked(app, oscar, as_oscar):
    make_people(3)
    make_mailing(by="oscar@bridgeway.example")
    assert "pproval" not in as_oscar.page(f"/staff/mailings/{only().id}/review").text
    schedule(as_oscar)
    assert only().state == "scheduled"
    assert events() == []


def test_only_what_could_go_is_asked_for(app, oscar, as_oscar, alice):
    rule(approval_over=0)
    make_people(1, city="")
    make_mailing(body="You in {{ city }}", by="oscar@bridgeway.example")
    page = post(as_oscar, "ask", note="Please", status=409)
    assert "1 recipient has no city" in page.text
    assert "Please</textarea>" in page.text
    assert letters() == []


def test_a_viewer_neither_asks_nor_approves(mailing, as_bob):
    for what in ("ask", "approve", "return"):
        assert as_bob.post(f"/staff/mailings/{mailing.id}/approval/{what}").status_code == 403


def test_an_asked_mailing_that_was_asked_again_says_so(mailing, as_oscar):
    post(as_oscar, "ask")
    assert "asked for already" in post(as_oscar, "ask", status=409).text
    assert len(letters()) == 1


def test_a_copy_has_no_approval(mailing, as_alice, as_oscar):
    post(as_oscar, "ask")
    post(as_alice, "approve")
    copy = composing.copy(only(), by="oscar@bridgeway.example")
    db.session.commit()
    assert gate.needs_approval(copy, 3)


def test_a_deleted_draft_takes_its_history_along(mailing, as_oscar):
    post(as_oscar, "ask")
    as_oscar.send(f"/staff/mailings/{mailing.id}/delete")
    assert events() == []


def test_a_released_mailing_stays_released_however_long_it_waits(mailing, as_alice, as_oscar):
    post(as_oscar, "ask")
    post(as_alice, "approve")
    schedule(as_oscar)
    only().scheduled_at = clock.now() - timedelta(minutes=1)
    db.session.commit()
    make_people(4)
    scheduling.release_due()
    assert only().state == "sending"
    assert db.session.query(Delivery).filter(Delivery.contact_id.is_not(None)).count() == 7
