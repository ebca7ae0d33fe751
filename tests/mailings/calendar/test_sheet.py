"""The month, as a sheet and as a list: what stands on which day, for whom."""

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine

from crm.base import wall_clock
from crm.extensions import db
from crm.goals.models import Goal
from crm.influencers import asks, interactions
from crm.influencers.tasks import tracking
from crm.mailings import scheduling
from crm.mailings.calendar import sheet
from crm.mailings.calendar.models import MailingPlan
from tests import factories
from tests.corpora import scripting
from tests.mailings.makers import make_mailing, make_people

NOW = datetime(2026, 11, 18, 15, tzinfo=UTC)
MONTH = "/staff/calendar/?month=2026-11"
LIST = f"{MONTH}&view=list"


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel(NOW, tick=True):
        yield


def scheduled(local, zone="America/New_York", **values):
    mailing = make_mailing(**values)
    scheduling.schedule(mailing, wall_clock.plan(local, zone))
    db.session.commit()
    return mailing


def cell(page, day):
    """Return what stands in the cell of that day."""
    return re.search(rf'<td id="day-{day}".*?</td>', page.text, re.S).group(0)


def text(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_a_month_shows_everything_on_its_day(as_alice, alice):
    make_people(1)
    campaign = factories.make_campaign("Licensing", starts_on=date(2026, 11, 2), ends_on=date(2027, 1, 31))
    scheduled("2026-11-24T09:00", subject="Write to your senator", kind="call_to_action")
    draft = make_mailing(subject="The report", kind="thought_leadership")
    factories.add(MailingPlan(mailing_id=draft.id, planned_on=date(2026, 11, 25)))
    ada = factories.make_influencer("Ada", "Adams")
    factories.make_ask(ada, alice, title="Speak in spring", due_on=date(2026, 11, 20), campaign_id=campaign.id)
    tracking.make(ada, {"title": "Send the paper", "due_on": date(2026, 11, 21), "assignee_id": alice.id}, alice)
    met = {"next_step": "Call her", "next_step_due": date(2026, 11, 23), "begins_at": time(10), "zone": alice.zone}
    interactions.log(ada.contact, "meeting", date(2026, 11, 22), "Lunch", alice, **met)
    factories.add(
        Goal(metric="confirmed_sign_ups", title="800", target=800, starts_on=NOW, deadline=date(2026, 11, 30))
    )
    db.session.commit()
    page = as_alice.page(MONTH)
    shown = {day: text(cell(page, f"2026-11-{day:02d}")) for day in range(1, 31)}
    assert "Campaign begins" in shown[2]
    assert "09:00 Write to your senator Call to action, scheduled" in shown[24]
    assert "The report Thought leadership, draft" in shown[25]
    assert "Speak in spring Ask, planned, Ada Adams" in shown[20]
    assert "Send the paper" in shown[21]
    assert "10:00 Ada Adams Meeting" in shown[22]
    assert "Call her" in shown[23]
    assert "Deadline of a goal" in shown[30]
    assert "today" in shown[18]
    listed = text(as_alice.page(LIST).text)
    for words in ("Wednesday, November 25", "The report", "Speak in spring", "800 wanted", "Times are in your zone"):
        assert words in listed


def test_weeks_begin_on_sunday_and_the_table_has_headings(as_bob):
    page = as_bob.page(MONTH)
    heads = re.findall(r'<th scope="col"><abbr title="(\w+)">', page.text)
    assert heads == list(sheet.WEEKDAYS)
    assert re.findall(r'<td id="day-([\d-]+)"', page.text)[0] == "2026-11-01"
    assert 'aria-current="date"' in cell(page, "2026-11-18")
    assert "<caption" in page.text


def test_a_mailing_near_midnight_stands_on_the_day_of_whoever_looks(as_alice, alice):
    make_people(1)
    scheduled("2026-11-24T23:30", "America/Los_Angeles", subject="Late in the west")
    assert "02:30" in cell(as_alice.page(MONTH), "2026-11-25")
    alice.zone = "America/Los_Angeles"
    db.session.commit()
    assert "23:30" in cell(as_alice.page(MONTH), "2026-11-24")
    alice.zone = "Pacific/Kiritimati"
    db.session.commit()
    assert "21:30" in cell(as_alice.page(MONTH), "2026-11-25")


def test_the_first_and_the_last_minute_of_a_month_that_changes_its_clocks(as_alice):
    make_people(1)
    with time_machine.travel(datetime(2026, 10, 20, tzinfo=UTC)):
        for local in ("2026-11-01T00:00", "2026-11-01T23:59", "2026-11-30T23:59"):
            scheduled(local, subject=local)
    page = as_alice.page(MONTH)
    assert "2026-11-01T00:00" in cell(page, "2026-11-01")
    assert "2026-11-01T23:59" in cell(page, "2026-11-01")
    assert "2026-11-30T23:59" in cell(page, "2026-11-30")


def test_a_mailing_without_a_date_waits_beneath_until_it_has_one(as_alice):
    mailing = make_mailing(subject="Some day")
    page = as_alice.page(MONTH).text
    assert "Drafts without a day" in page
    assert "Some day" not in page.partition("Drafts without a day")[0]
    as_alice.send(f"/staff/calendar/mailings/{mailing.id}/move", {"day": "2026-11-27", "seen": "draft-0"})
    page = as_alice.page(MONTH)
    assert "Some day" in cell(page, "2026-11-27")
    assert "Drafts without a day" not in page.text
    as_alice.send(f"/staff/calendar/mailings/{mailing.id}/move", {"day": "", "seen": "draft-1"})
    assert "Drafts without a day" in as_alice.page(MONTH).text


def test_it_is_filtered_by_kind_by_whose_and_by_campaign(as_alice, alice, oscar):
    make_people(1)
    campaign = factories.make_campaign("Licensing")
    scheduled("2026-11-24T09:00", subject="Call Alice", kind="call_to_action", campaign_id=campaign.id)
    news = scheduled("2026-11-25T09:00", subject="News Oscar")
    news.created_by = oscar.email
    ada = factories.make_influencer()
    factories.make_ask(ada, alice, title="Ask Alice", owner_id=alice.id, due_on=date(2026, 11, 20))
    factories.make_ask(ada, alice, title="Ask Oscar", owner_id=oscar.id, due_on=date(2026, 11, 20))
    db.session.commit()
    shown = {"Call Alice", "News Oscar", "Ask Alice", "Ask Oscar"}
    expected = {
        "": shown,
        "&whose=mine": {"Call Alice", "Ask Alice"},
        "&what=asks": {"Ask Alice", "Ask Oscar"},
        "&what=mailings": {"Call Alice", "News Oscar"},
        "&what=mailings.call_to_action": {"Call Alice"},
        "&what=none": set(),
        f"&campaign={campaign.id}": {"Call Alice"},
        "&campaign=x": shown,
    }
    for query, words in expected.items():
        for page in (MONTH, LIST):
            body = as_alice.page(page + query).text
            assert {word for word in shown if word in body} == words, page + query


def test_a_viewer_sees_it_and_moves_nothing(as_bob, bob):
    make_people(1)
    mailing = scheduled("2026-11-24T09:00", subject="Write now")
    page = as_bob.page(MONTH).text
    assert "Write now" in page
    assert "data-move" not in page
    assert "/move" not in page
    assert as_bob.post(f"/staff/calendar/mailings/{mailing.id}/move").status_code == 403


def test_what_another_member_keeps_to_itself_is_on_no_calendar(client_of, app, oscar):
    north, south = (factories.make_organization(name, is_member=True, via=name) for name in ("North", "South"))
    nora, sam = (factories.make_user("organizer", organization_id=home.id) for home in (north, south))
    ada = factories.make_influencer("Ada", "Adams")
    own = factories.make_influencer("Quill", "Xyzzyson", organization_id=north.id)
    due = date(2026, 11, 20)
    factories.make_ask(ada, nora, title="Xyzzy grant", category="resources", due_on=due)
    factories.make_ask(own, nora, title="Xyzzy speech", due_on=due)
    tracking.make(ada, {"title": "Xyzzy paper", "due_on": due, "assignee_id": nora.id}, nora)
    interactions.log(ada.contact, "call", date(2026, 11, 19), "x", nora, next_step="Xyzzy step", next_step_due=due)
    interactions.log(ada.contact, "meeting", due, "Xyzzy", nora, openness="private")
    interactions.log(own.contact, "meeting", due, "Xyzzy", nora)
    db.session.commit()
    for view in (MONTH, LIST):
        assert "Xyzzy grant" in client_of(nora).page(view).text
        for other in (sam, oscar):
            page = client_of(other).page(view).text
            found = set(re.findall(r"Xyzzy\w*", page))
            assert found <= ({"Xyzzyson", "Xyzzy"} if other is oscar else set()), view
            assert "Xyzzy grant" not in page
            assert "Xyzzy step" not in page


def test_canceled_mailings_and_asks_that_are_over_are_left_out(as_alice, alice):
    make_people(1)
    scheduling.cancel(scheduled("2026-11-24T09:00", subject="Never mind"))
    ask = factories.make_ask(None, alice, title="Too late", due_on=date(2026, 11, 24))
    asks.advance(ask, "lapsed", alice)
    back = scheduled("2026-11-24T09:00", subject="Taken back")
    scheduling.take_back(back)
    db.session.commit()
    page = as_alice.page(MONTH)
    assert "Never mind" not in page.text
    assert "Too late" not in page.text
    assert "Taken back" not in cell(page, "2026-11-24")
    assert "Taken back" in page.text


def test_a_full_day_tells_how_many_more_there_are_and_the_list_shows_all(as_alice, alice):
    ada = factories.make_influencer()
    for number in range(7):
        factories.make_ask(ada, alice, title=f"Ask number {number}", due_on=date(2026, 11, 20))
    db.session.commit()
    day = cell(as_alice.page(MONTH), "2026-11-20")
    assert day.count("Ask number") == 4 * 3  # Its link, what is dragged, its move.
    assert "3 more" in day
    assert text(as_alice.page(LIST).text).count("Ask number") == 7 * 2


def test_where_there_is_too_much_it_says_so(as_alice, alice, monkeypatch):
    for module in ("crm.influencers.calendar.entries", "crm.mailings.calendar.sheet"):
        monkeypatch.setattr(f"{module}.MOST", 2)
    ada = factories.make_influencer()
    for number in range(3):
        factories.make_ask(ada, alice, title=f"Ask number {number}", due_on=date(2026, 11, 20))
    db.session.commit()
    page = as_alice.page(LIST).text
    assert "Asks due: not all of this month are shown" in page
    assert "Ask number 2" not in page


@pytest.mark.parametrize(
    "query",
    [
        "month=2026-13",
        "month=x",
        "month=0001-01",
        "month=9999-12",
        "month=2100-12",
        "month=2000-01",
        "view=x&what=a.b.c",
    ],
)
def test_no_address_of_a_month_breaks_it(as_alice, query):
    assert "Calendar" in as_alice.page(f"/staff/calendar/?{query}").text


def test_hostile_titles_stay_text(as_alice, alice):
    ada = factories.make_influencer("<b>Ada", '"><script>')
    titles = [value for value in scripting.OTHERS if value.strip()][:20]
    for number, title in enumerate(titles):
        factories.make_ask(ada, alice, title=title[:190], due_on=date(2026, 11, 1) + timedelta(days=number))
    make_mailing(subject='"><script>alert(1)</script>{{7*7}}')
    db.session.commit()
    for view in (MONTH, LIST):
        page = as_alice.page(view).text
        assert "<script>alert" not in page
        assert "<b>Ada" not in page
        assert "{{7*7}}" in page


def test_the_menu_leads_there_from_the_mailings(as_alice):
    assert 'href="/staff/calendar/"' in as_alice.page("/staff/mailings/").text
    assert 'href="/staff/calendar/"' not in as_alice.page("/staff/people/").text
