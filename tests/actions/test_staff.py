"""Actions as the staff write, publish and count them."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from crm.actions import kinds
from crm.actions.models import Action
from crm.base import clock, signing
from crm.base.block_kinds import made
from crm.base.digest_news import news
from crm.base.models import AuditEntry
from crm.base.registries import Constituency, metrics, supports
from crm.base.segment_fields import segment_fields
from crm.contacts import known
from crm.contacts.constituents import doing
from crm.contacts.models import Contact
from crm.extensions import db
from crm.mailings.blocks.telling import basic
from crm.organizations import coalition
from tests import factories
from tests.actions.makers import PAGE, make_petition, sign, signatures
from tests.contacts.people import AMINA, hidden
from tests.questions import asked

WRITTEN = {"title_en": "Let nurses work!", "zone": "America/New_York", "goal": "100", "list_shown": "y"}


def only_action() -> Action:
    db.session.expire_all()
    return db.session.scalars(select(Action)).one()


def test_an_organizer_writes_a_petition_and_publishes_it(as_oscar, client):
    form = as_oscar.page("/staff/actions/new/petition").text
    page = as_oscar.send("/staff/actions/new/petition", {**hidden(form), **WRITTEN, "closes_at": "2026-12-31T17:00"})
    assert "The draft is saved" in page.text
    action = only_action()
    assert (action.slug, action.state, action.closes_at.isoformat()) == (
        "let-nurses-work",
        "draft",
        "2026-12-31T22:00:00+00:00",
    )
    as_oscar.send(f"/staff/actions/{action.id}/publish")
    assert client.page(PAGE).status_code == 200 and "Let nurses work!" in client.page("/actions/").text


def test_the_list_counts_what_came_of_all_actions_with_one_query(as_bob, client):
    make_petition()
    sign(client)
    as_bob.page("/staff/actions/")
    with asked() as few:
        as_bob.page("/staff/actions/")
    for number, kind in enumerate(["petition", "petition", "form", "sign_on", "share_kit"]):
        make_petition(slug=f"other-{number}", kind=kind)
    with asked() as many:
        page = as_bob.page("/staff/actions/").text
    assert len(many) == len(few)
    assert page.count(" of 100") == 6 and ">1</a> of 100" in page


def test_the_page_of_each_kind_says_how_many_took_part(app, as_bob):
    for name, kind in kinds.kinds.items():
        action = factories.add(Action(slug=name, kind=name, state="published", titles={"en": "The first"}))
        page = as_bob.page(f"/staff/actions/{action.id}").text
        assert ("Signatures" if name == "petition" else kind.outcome) in page, name


def test_what_was_typed_is_not_lost_when_the_time_is_wrong(as_oscar):
    form = hidden(as_oscar.page("/staff/actions/new/petition").text)
    wrong = {**form, **WRITTEN, "body_en": "A long text", "opens_at": "2026-03-08T02:30"}
    page = as_oscar.send("/staff/actions/new/petition", wrong).text
    assert "clocks go forward" in page and "A long text" in page and 'value="2026-03-08T02:30"' in page


def test_in_the_hour_that_comes_twice_staff_choose_which_is_meant_and_saving_again_moves_nothing(as_oscar):
    form = {**hidden(as_oscar.page("/staff/actions/new/petition").text), **WRITTEN, "closes_at": "2026-11-01T01:30"}
    page = as_oscar.send("/staff/actions/new/petition", form).text
    assert "01:30 comes twice that day" in page and "The second time, after clocks went back" in page
    as_oscar.send("/staff/actions/new/petition", form | {"closes_at-hour": "second"})
    second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    action = only_action()
    assert action.closes_at == second
    url = f"/staff/actions/{action.id}/edit"
    page = as_oscar.page(url).text
    assert 'value="2026-11-01T01:30"' in page and 'name="closes_at-hour" value="second" checked' in page
    as_oscar.send(url, form | hidden(page) | {"closes_at-hour": "second", "summary_en": "Anew"})
    assert (only_action().closes_at, only_action().summaries) == (second, {"en": "Anew"})


def test_two_who_edit_at_once_lose_nothing(as_oscar, as_alice):
    action = make_petition()
    url = f"/staff/actions/{action.id}/edit"
    first, second = hidden(as_oscar.page(url).text), hidden(as_alice.page(url).text)
    as_oscar.send(url, {**first, **WRITTEN, "summary_en": "By Oscar"})
    page = as_alice.send(url, {**second, **WRITTEN, "thanks_en": "By Alice"}, status=409).text
    assert "By Oscar" in page and "By Alice" in page and only_action().thanks == {}


def test_numbers_open_the_rows_behind_them(app, client, as_bob):
    action = make_petition()
    factories.make_contact(AMINA, topics={"research": "active"})
    sign(client, comment="Because")
    sign(client, "samir@mail.example", first_name="Samir")
    url = f"/staff/actions/{action.id}"
    page = as_bob.page(url).text
    for state, names in (("new", ["Samir"]), ("known", ["Amina"]), ("waiting", ["Amina"]), ("withdrawn", [])):
        assert f"{url}/signatures/?state={state}" in page
        rows = as_bob.page(f"{url}/signatures/?state={state}").text
        assert [name for name in ("Amina Odeh", "Samir Odeh") if name in rows] == [f"{name} Odeh" for name in names]


def test_only_whom_it_is_given_to_exports_and_it_is_written_down(app, client, as_alice, as_oscar):
    action = make_petition()
    sign(client, comment="=1+1")
    url = f"/staff/actions/{action.id}/signatures/export"
    assert as_oscar.post(url).status_code == 403
    assert "'=1+1" in as_alice.post(url).text
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "export")).one().thing_id == action.id


def test_staff_delete_a_signature_that_is_none(app, client, as_oscar):
    action = make_petition()
    sign(client)
    as_oscar.send(f"/staff/actions/{action.id}/signatures/{signatures()[0].id}", {"do": "delete"})
    assert signatures() == [] and "<strong>1</strong>" not in client.page(PAGE).text


def test_a_published_action_is_not_deleted(app, as_oscar):
    action = make_petition()
    assert "It was public once" in as_oscar.send(f"/staff/actions/{action.id}/delete").text
    assert only_action().id == action.id


def test_signatures_count_for_goals_segments_and_influencers(app, client):
    action = make_petition()
    sign(client, zip_code="02110")
    sign(client, "samir@mail.example")
    person = db.session.scalars(select(Contact).where(Contact.email == AMINA)).one()
    person.state = "MA"
    db.session.commit()
    now = clock.now()
    assert metrics["signatures"].count(now - timedelta(hours=1), now + timedelta(hours=1)) == 2
    assert sum(row[2] for row in metrics["signatures"].by_day(now - timedelta(days=1), now + timedelta(days=1))) == 2
    condition = segment_fields["signed"].condition("is", str(action.id))
    assert len(db.session.scalars(select(Contact.id).where(condition)).all()) == 2
    months = [coalition.today().replace(day=1)]
    kinds = {name: kind.rows for name, kind in supports.items() if kind.rows is not None}
    with asked() as questions:
        found = doing.count(kinds, Constituency("MA"), months)
    assert len([one for one in questions if "outreach" in one]) == 1
    assert (found["signatures"].total, list(found["signatures"].by_month)) == (1, [1])
    assert {name for name, supporters in found.items() if not supporters.total} == {"letters", "calls", "registrations"}


def test_an_action_in_a_mailing_leads_to_one_button(app):
    action = make_petition(summaries={"en": "Two <years>", "es": "Dos años"})
    told = basic([made("action", action=str(action.id))], "es", [])
    assert [block.get("text") or block.get("html") for block in told] == ["Let nurses work", "<p>Dos años</p>", "Actúe"]
    assert told[-1]["url"] == f"http://crm.example{PAGE}?act=signature-{action.id}"
    action.closes_at = clock.now()
    assert basic([made("action", action=str(action.id))], "es", []) == []


def test_a_mailing_asks_to_call_and_not_to_say_that_one_has_called(app):
    buttons = {"en": "I did"}
    call = make_petition(slug="call", kind="call", buttons=buttons, whom="list")
    petition = make_petition(slug="sign", buttons=buttons)
    told = [basic([made("action", action=str(one.id))], "en", [])[-1]["text"] for one in (call, petition)]
    assert told == ["Take action", "I did"]


def test_an_action_is_new_when_it_can_be_done_and_no_news_once_it_is_over(app):
    now = clock.now()
    week, fresh = now - timedelta(days=7), news["actions"].find
    early = make_petition(opens_at=now + timedelta(days=2), titles={"en": "Let nurses work", "es": "Que trabajen"})
    assert fresh(week, now, "en") == []
    found = fresh(now, now + timedelta(days=3), "es")
    assert [(one.title, one.path, one.at) for one in found] == [("Que trabajen", PAGE, early.opens_at)]
    early.closes_at = now + timedelta(days=3)
    db.session.commit()
    assert fresh(now, now + timedelta(days=4), "en") == []


def test_whoever_got_the_mailing_with_a_share_kit_is_credited_with_what_is_passed_on(app):
    kit = make_petition(kind="share_kit")
    url = basic([made("action", action=str(kit.id))], "en", [])[-1]["url"]
    amina = factories.make_contact(AMINA)
    led = known.lead(f"{url}&via=mailing-1&utm_campaign=mailing-1", signing.sign("known_by", str(amina.id), dated=True))
    assert led == f"http://crm.example{PAGE}?via={amina.share_code}&utm_campaign=mailing-1"
    assert known.lead(url, "") == f"http://crm.example{PAGE}"
