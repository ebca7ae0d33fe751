"""The pages of the cap: settings, who is left out, and the mailing that goes to all the same."""

import pytest

from crm.base.models import AuditEntry
from crm.extensions import db
from crm.mailings.capping.models import CapException, FrequencyCap
from tests.mailings.capping.makers import make_cap, release, sent_before
from tests.mailings.makers import make_mailing, make_people

ADDRESS = "/staff/mailings/frequency-cap"
TYPED = {"active": "y", "most": "3", "days": "7", "version": "1"}


def cap() -> FrequencyCap | None:
    db.session.expire_all()
    return db.session.get(FrequencyCap, 1)


def test_the_cap_is_off_at_first_and_set_on_its_page(as_alice):
    page = as_alice.page(ADDRESS).text
    assert "checked" not in page
    assert cap() is None
    as_alice.send(ADDRESS, {**TYPED, "free_kinds": ["call_to_action"]})
    assert (cap().active, cap().most, cap().days, cap().free_kinds) == (True, 3, 7, ["call_to_action"])
    entry = db.session.query(AuditEntry).filter_by(thing="frequency_cap").one()
    assert entry.changes["active"] == [False, True]
    assert entry.actor == "alice@bridgeway.example"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"most": "0"}, "from 1 to 100"),
        ({"most": "many"}, "Not a valid integer"),
        ({"days": "91"}, "from 1 to 90"),
        ({"days": ""}, "Write how many"),
        ({"free_kinds": ["nonsense"]}, "not a valid choice"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_changes(as_alice, values, words):
    page = as_alice.send(ADDRESS, {**TYPED, **values}).text
    assert words in page
    assert cap() is None or not cap().active


def test_no_more_days_than_copies_are_kept(app, as_alice):
    app.config["KEEP_DELIVERIES_DAYS"] = 30
    assert "keeps copies for 30 days only" in as_alice.send(ADDRESS, {**TYPED, "days": "31"}).text
    app.config["KEEP_DELIVERIES_DAYS"] = 0
    as_alice.send(ADDRESS, {**TYPED, "days": "90"})
    assert cap().days == 90


def test_what_another_admin_set_meanwhile_is_shown_first(as_alice):
    as_alice.send(ADDRESS, TYPED)
    page = as_alice.send(ADDRESS, {**TYPED, "most": "9"}, status=409).text
    assert "Somebody changed this cap" in page
    assert cap().most == 3


def test_only_admins_of_the_coalition_set_it(as_oscar):
    assert as_oscar.post(ADDRESS, data=TYPED).status_code == 403


def test_the_review_counts_who_is_left_out_and_the_number_opens_the_people(as_oscar):
    left, _ = make_people(2, city="Boston")
    sent_before(left)
    make_cap()
    mailing = make_mailing()
    page = as_oscar.page(f"/staff/mailings/{mailing.id}/review").text
    assert "The cap is at most 1 mailing in 7 days." in page
    assert "1 person is left out" in page
    people = as_oscar.page(f"/staff/mailings/{mailing.id}/left-out").text
    assert left.email in people
    assert people.count("<tr>") == 2


def test_the_report_keeps_who_was_left_out(as_bob):
    left, _ = make_people(2)
    sent_before(left)
    make_cap()
    mailing = release(make_mailing())
    cap().most = 50
    page = as_bob.page(f"/staff/mailings/{mailing.id}").text
    assert "Left out by the frequency cap (at most 1 mailing in 7 days)" in page
    people = as_bob.page(f"/staff/mailings/{mailing.id}/left-out").text
    assert left.email in people
    assert "The cap was at most 1 mailing in 7 days" in people


def test_without_a_cap_pages_say_nothing_of_it(as_bob):
    make_people(1)
    mailing = make_mailing()
    assert "Frequency cap" not in as_bob.page(f"/staff/mailings/{mailing.id}/review").text
    assert "Nobody is left out" in as_bob.page(f"/staff/mailings/{mailing.id}/left-out").text
    mailing = release(mailing)
    assert "frequency cap" not in as_bob.page(f"/staff/mailings/{mailing.id}").text


def test_one_mailing_goes_to_all_the_same_with_a_reason_on_record_and_back(as_oscar):
    left = make_people(1)[0]
    sent_before(left)
    make_cap()
    mailing = make_mailing()
    address = f"/staff/mailings/{mailing.id}"
    assert "Say why" in as_oscar.send(f"{address}/to-all", {"reason": "  "}).text
    page = as_oscar.send(f"{address}/to-all", {"reason": "The vote is <b>tomorrow</b>"}).text
    assert "The vote is &lt;b&gt;tomorrow&lt;/b&gt;" in page
    assert "1 recipients" in page
    entry = db.session.query(AuditEntry).filter_by(verb="exempt").one()
    assert (entry.actor, entry.thing_id, entry.reason) == (
        "oscar@bridgeway.example",
        mailing.id,
        "The vote is <b>tomorrow</b>",
    )
    page = as_oscar.send(f"{address}/under-cap").text
    assert "1 person is left out" in page
    assert db.session.query(CapException).count() == 0


def test_what_has_gone_out_is_not_changed_any_more(as_oscar):
    make_people(1)
    make_cap()
    mailing = release(make_mailing())
    page = as_oscar.send(f"/staff/mailings/{mailing.id}/to-all", {"reason": "Late"}).text
    assert "has gone out already" in page
    assert db.session.query(CapException).count() == 0


def test_a_kind_that_goes_to_all_is_named(as_bob):
    make_people(1)
    make_cap(free_kinds=["newsletter"])
    page = as_bob.page(f"/staff/mailings/{make_mailing().id}/review").text
    assert "Newsletter: this kind goes to all the same" in page


def test_names_that_are_no_longer_kept_are_said_to_be_so(as_bob):
    left, _ = make_people(2)
    sent_before(left)
    make_cap()
    mailing = release(make_mailing())
    db.session.execute(db.text("DELETE FROM capped_contact"))
    db.session.commit()
    assert "They were 1;" in as_bob.page(f"/staff/mailings/{mailing.id}/left-out").text


def test_a_deleted_segment_is_said_on_the_list_too(as_bob):
    make_cap()
    mailing = make_mailing(audience={"people": "all", "segment": 999})
    assert "was deleted" in as_bob.page(f"/staff/mailings/{mailing.id}/left-out").text
