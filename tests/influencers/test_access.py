"""Members work together and compete: who sees which influencers, asks, interactions and notes, on every page."""

import io
import re
import zipfile
from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import select

from crm.base import clock
from crm.delivery.models import Message
from crm.extensions import db
from crm.influencers import listing, pipeline, profiles
from crm.influencers.day import agenda
from crm.influencers.models import Ask, FormerImportKey, Influencer, Interaction, RestrictedNote
from crm.influencers.network import asking
from crm.influencers.profiles import Facts
from tests import factories
from tests.mailings.makers import make_mailing, make_people

SECRET = re.compile("xyzzy", re.IGNORECASE)


def pages(app, rows):
    """Return the address of each page of the staff, for each of the ids, and of searches for what is secret."""
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and rule.rule.startswith("/staff/") and "<" in rule.rule:
            numbers = {row.id for row in rows} | {1, 2}
            found += [re.sub(r"<[^>]+>", str(number), rule.rule) for number in numbers]
        elif "GET" in rule.methods and rule.rule.startswith("/staff/"):
            found += [rule.rule, f"{rule.rule}?whose=all", f"{rule.rule}?sort=last", f"{rule.rule}?category=resources"]
    found += [f"/staff/day/{part}?whose=all" for part in agenda.PARTS]
    for path in ("/staff/people/", "/staff/influencers/", "/staff/influencers/board", "/staff/asks/"):
        found.append(f"{path}?q={quote('grant')}")
    return found


def words(answer):
    """Return the text of an answer, of a spreadsheet all that is packed in it."""
    if not answer.data.startswith(b"PK"):
        return answer.text
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        return " ".join(packed.read(name).decode() for name in packed.namelist())


@pytest.mark.parametrize("role", ["organizer", "admin"])
def test_what_a_member_keeps_to_itself_is_on_no_page_of_another(app, client_of, secrets, ada, sam, role):
    sam.role = role
    db.session.commit()
    browser = client_of(sam)
    opened = 0
    for address in pages(app, [*secrets.values(), ada, ada.contact, secrets["own"].contact]):
        answer = browser.get(address)
        assert answer.status_code < 500, address
        assert not SECRET.search(words(answer)), address
        opened += answer.status_code == 200
    assert opened > 40


def test_nor_on_any_page_of_the_coalition_but_that_of_its_own_influencer(app, client_of, secrets, ada, oscar):
    browser = client_of(oscar)
    for secret in (secrets["ask"], secrets["talk"]):
        assert browser.get(f"/staff/asks/{secret.id}").status_code == 404
    page = browser.page(f"/staff/influencers/{ada.id}").text
    assert not SECRET.search(page) and "The notes are for North alone." in page
    assert "Xyzzy of the board" in browser.page(f"/staff/influencers/{secrets['own'].id}").text


def test_its_own_staff_see_all_of_it(client_of, secrets, ada, nora):
    browser = client_of(nora)
    page = browser.page(f"/staff/influencers/{ada.id}").text
    for words in ("Xyzzy said", "Xyzzy next", "Xyzzy grant", "Xyzzy note"):
        assert words in page
    assert "Xyzzy outcome" in browser.page(f"/staff/asks/{secrets['ask'].id}").text
    assert "Xyzzy said" in browser.page(f"/staff/people/{ada.contact_id}").text
    assert "Quillson" in browser.page("/staff/influencers/").text
    assert "Xyzzy grant" in browser.page("/staff/").text


def test_no_export_search_or_mail_gives_it_away(app, as_alice, client_of, secrets, sam, nora):
    sam.role = "admin"
    db.session.commit()
    exported = as_alice.post("/staff/people/export", data={}).text
    assert "Quillson" in exported and not SECRET.search(exported)
    assert client_of(sam).post("/staff/people/export", data={}).status_code == 403
    texts = db.session.execute(select(Message.subject, Message.text, Message.html))
    assert not any(SECRET.search(" ".join(row)) for row in texts)


def test_what_another_may_not_see_nobody_else_can_change(client_of, secrets, ada, sam):
    browser = client_of(sam)
    own, ask, talk, note = secrets["own"], secrets["ask"], secrets["talk"], secrets["note"]
    attempts = [
        (f"/staff/influencers/{own.id}/move", {"stage": "champion", "version": own.version}),
        (f"/staff/influencers/{own.id}/position", {"position-stance": "champion", "position-campaign_id": "1"}),
        (f"/staff/influencers/{own.id}/snooze", {"snooze-reason": "x", "snooze-until": "2030-01-01"}),
        (f"/staff/influencers/{own.id}/snooze/end", {}),
        (f"/staff/influencers/{own.id}/edit", {"last_name": "Changed", "version": own.version}),
        (f"/staff/influencers/{own.id}/release", {"release-reason": "Because"}),
        (f"/staff/asks/new/{own.id}", {"title": "Mine", "category": "leverage"}),
        (f"/staff/asks/{ask.id}/to/agreed", {"agreed-version": ask.version}),
        (f"/staff/asks/{ask.id}/edit", {"title": "Changed", "category": "leverage", "version": ask.version}),
        (f"/staff/asks/{ask.id}/public", {"allowed": "yes"}),
        (f"/staff/interactions/{talk.id}/done", {}),
        (f"/staff/interactions/with/{own.id}", {"log-kind": "call", "log-held_on": "2026-11-01", "log-summary": "Hi"}),
        (f"/staff/interactions/notes/{note.id}/delete", {}),
        *((f"/staff/tasks/{secrets['task'].id}{act}", {}) for act in ("", "/done", "/reopen", "/delete")),
        (f"/staff/tasks/new/{own.id}", {"task-title": "Mine"}),
        (f"/staff/influencers/{own.id}/plan", {"anchor_on": "2030-01-01"}),
        (f"/staff/network/{secrets['known'].id}/edit", {"strength": 1, "kind": "other"}),
        (f"/staff/network/{secrets['known'].id}/remove", {}),
        (f"/staff/network/proposed/{secrets['proposal'].id}/accept", {}),
    ]
    for address, values in attempts:
        assert browser.post(address, data=values).status_code == 404, address
    db.session.expire_all()
    assert (own.stage, ask.state, talk.next_step_done_at) == ("connected", "made", None)


def test_asks_for_resources_stay_with_who_makes_them_and_others_are_shared_unless_said_otherwise(ada, nora, sam):
    made = {
        "Grant": {"category": "resources"},
        "Keynote": {"category": "visibility"},
        "Shared grant": {"category": "resources", "seen_by": "members"},
        "Own letter": {"category": "leverage", "seen_by": "own"},
    }
    for title, values in made.items():
        factories.make_ask(ada, nora, title=title, **values)
    db.session.commit()
    shown = listing.open_asks([ada], sam)[ada.id]
    assert shown.title in ("Keynote", "Shared grant")
    assert {ask.title for ask in db.session.scalars(select(Ask)) if ask.seen_by == "members"} == {
        "Keynote",
        "Shared grant",
    }


def test_an_ask_that_is_kept_apart_later_leaves_the_timeline_of_others(client_of, ada, nora, sam):
    ask = factories.make_ask(ada, nora, title="Open letter", category="leverage")
    db.session.commit()
    browser, contact = client_of(sam), f"/staff/people/{ada.contact_id}"
    assert "Open letter" in browser.page(contact).text
    values = {"title": "Open letter", "category": "leverage", "version": ask.version, "seen_by": "own", "unit": ""}
    assert client_of(nora).post(f"/staff/asks/{ask.id}/edit", data=values).status_code == 302
    assert "Open letter" not in browser.page(contact).text
    assert "Open letter" not in browser.page(f"/staff/influencers/{ada.id}").text


def test_nobody_else_decides_who_sees_an_ask(client_of, ada, nora, sam):
    ask = factories.make_ask(ada, nora, title="Open letter", category="leverage")
    db.session.commit()
    values = {"title": "Open letter!", "category": "leverage", "version": ask.version, "seen_by": "own", "unit": ""}
    assert client_of(sam).post(f"/staff/asks/{ask.id}/edit", data=values).status_code == 302
    db.session.refresh(ask)
    assert (ask.title, ask.seen_by) == ("Open letter!", "members")


def test_nobody_else_decides_whether_an_ask_may_be_public(client_of, ada, nora, sam, oscar):
    ask = factories.make_ask(ada, nora, title="Open letter", category="leverage")
    db.session.commit()
    address = f"/staff/asks/{ask.id}"
    for user in (sam, oscar):
        assert "It may be public" not in client_of(user).page(address).text
        assert client_of(user).post(f"{address}/public", data={"allowed": "yes"}).status_code == 403
    assert ask.public_at is None
    assert "It may be public" in client_of(nora).page(address).text
    assert client_of(nora).post(f"{address}/public", data={"allowed": "yes"}).status_code == 302
    assert ask.public_by_id == nora.id


def test_no_admin_of_a_member_names_whom_all_share_in_public(app, client_of, ada, nora, sam, secrets):
    app.config["ASK_WHO_YOU_KNOW"] = True
    nora.role = sam.role = "admin"
    db.session.commit()
    for user, one, named in ((sam, ada, False), (nora, ada, False), (nora, secrets["own"], True)):
        client_of(user).post(f"/staff/network/asked/{one.id}")
        assert asking.is_named(one) is named


def test_an_import_does_not_tell_whom_another_member_keeps_for_itself(ada, nora, sam, secrets):
    facts = Facts("7", None, {"first_name": "Quill", "last_name": "Quillson"}, {})
    db.session.add(FormerImportKey(key=facts.key, influencer_id=secrets["own"].id))
    db.session.commit()
    assert (profiles.foresee(facts, nora), profiles.foresee(facts, sam)) == ("unchanged", "created")


@pytest.mark.parametrize("readers", ["coalition", "admins"])
def test_a_restricted_note_is_read_by_those_it_is_for(client_of, ada, alice, oscar, nora, readers):
    author = alice if readers == "admins" else oscar
    url = f"/staff/interactions/with/{ada.id}/notes"
    assert client_of(author).post(url, data={"note-text": "Careful", "note-readers": readers}).status_code == 302
    second = factories.make_user("organizer")
    db.session.commit()
    profile = f"/staff/influencers/{ada.id}"
    assert "Careful" in client_of(alice).page(profile).text
    assert ("Careful" in client_of(second).page(profile).text) is (readers == "coalition")
    assert "Careful" not in client_of(nora).page(profile).text


def test_a_member_writes_no_note_for_the_coalition(client_of, ada, nora):
    url = f"/staff/interactions/with/{ada.id}/notes"
    answer = client_of(nora).post(url, data={"note-text": "Typed", "note-readers": "coalition"})
    assert answer.status_code == 422 and "Typed" in answer.text
    assert db.session.scalar(select(RestrictedNote)) is None


def test_an_interaction_is_planned_before_its_day_and_does_not_count_as_contact_yet(client_of, ada, oscar):
    day = clock.today(oscar.zone) + timedelta(days=5)
    values = {"log-kind": "meeting", "log-held_on": day.isoformat(), "log-summary": "Agenda"}
    client_of(oscar).send(f"/staff/interactions/with/{ada.id}", values)
    page = client_of(oscar).page(f"/staff/influencers/{ada.id}").text
    assert "Planned" in page and "Gone stale: no interaction yet" in page


def test_influencers_of_a_member_are_listed_for_it_and_for_the_coalition(client_of, secrets, sam, nora, oscar):
    names = {user.name: client_of(user).page("/staff/influencers/").text for user in (sam, nora, oscar)}
    assert "Quillson" not in names["Sam"]
    assert "Quillson" in names["Nora"] and "Quillson" in names["Oscar Organizer"]
    assert db.session.scalar(select(Influencer.stage).where(Influencer.id == secrets["own"].id)) == "connected"
    assert db.session.scalar(select(Interaction.organization_id)) == nora.organization_id


def test_an_influencer_that_becomes_a_members_own_leaves_the_pages_of_others(client_of, ada, nora, sam, oscar):
    factories.make_ask(ada, nora, title="Open letter", category="leverage")
    pipeline.move(ada, "champion", nora)
    db.session.commit()
    contact = f"/staff/people/{ada.contact_id}"
    assert "Open letter" in client_of(sam).page(contact).text
    values = {"last_name": "Adams", "version": ada.version, "organization_id": nora.organization_id}
    values |= {"sector": "", "influence": "", "interest": "", "owner_id": ""}
    assert client_of(oscar).post(f"/staff/influencers/{ada.id}/edit", data=values).status_code == 302
    page = client_of(sam).page(contact).text
    assert "Open letter" not in page and "Champion" not in page
    client_of(sam).page(f"/staff/influencers/{ada.id}/history", status=404)
    page = client_of(nora).page(f"/staff/influencers/{ada.id}/history").text
    assert "Seen by: nothing → the coalition and North" in page
    assert "Open letter" in client_of(nora).page(contact).text


@pytest.mark.parametrize("by", ["contact", "email"])
def test_whom_another_member_keeps_for_itself_is_not_added_again_and_not_told_of(client_of, ada, nora, sam, by):
    ada.organization_id = nora.organization_id
    db.session.commit()
    values = {"last_name": "Hopper", "stage": "identified", "sector": "", "influence": "", "interest": ""}
    values |= {"contact_id": ada.contact_id} if by == "contact" else {"email": ada.contact.email}
    page = client_of(sam).send("/staff/influencers/new", values).text
    assert "This person cannot be added here. Ask the staff of the coalition." in page and 'value="Hopper"' in page
    assert "already" not in page and "Adams" not in page
    assert "was an influencer already" in client_of(nora).send("/staff/influencers/new", values).text


@pytest.mark.parametrize("kind", ["call_to_action", "newsletter"])
def test_a_mailing_names_no_influencer_whom_another_member_keeps_for_itself(client_of, ada, nora, sam, oscar, kind):
    shared, own = make_people(2, last_name="Adams")[0], make_people(1, last_name="Quillson")[0]
    owner = factories.make_user("organizer", name="Olga Owner", organization_id=nora.organization_id)
    factories.make_influencer(contact=shared)
    factories.make_influencer(contact=own, organization_id=nora.organization_id, owner_id=owner.id)
    mailing = make_mailing(kind=kind)
    lists = {}
    for user in (sam, nora, oscar):
        page = client_of(user).page(f"/staff/mailings/{mailing.id}/review").text
        title = "held out</h3>" if kind == "call_to_action" else "among them</h3>"
        lists[user.name] = page.partition(title)[2].partition("</ul>")[0]
    assert "Adams" in lists["Sam"] and "1 whom another member keeps for itself" in lists["Sam"]
    assert "Quillson" not in lists["Sam"] and "Olga Owner" not in lists["Sam"]
    assert "Quillson" in lists["Nora"] and "Quillson" in lists["Oscar Organizer"]


def test_no_member_not_even_the_owner_takes_a_shared_influencer_from_the_others(client_of, ada, nora, sam):
    values = {"last_name": "Adams!", "version": ada.version, "organization_id": sam.organization_id}
    values |= {"sector": "", "influence": "", "interest": "", "owner_id": sam.id}
    ada.owner_id = sam.id
    db.session.commit()
    browser, address = client_of(sam), f"/staff/influencers/{ada.id}/edit"
    assert "Seen by" not in browser.page(address).text
    assert browser.post(address, data=values).status_code == 302
    db.session.refresh(ada)
    assert ada.organization_id is None and ada.name.endswith("Adams!")
