"""No route leads to what another member keeps to itself: every address of the staff that names a row is walked."""

import pytest
from sqlalchemy import select

from crm.base import clock
from crm.extensions import db
from crm.influencers.models import Interaction
from crm.influencers.offices import passing_on
from crm.influencers.plans.models import PlanTemplate
from crm.influencers.tasks import tracking
from crm.influencers.tasks.models import Task
from tests import factories

# What an address names, by the name that its number has there: a row of `secrets`, which North alone may open.
HIDDEN = {
    "influencer_id": "own",
    "ask_id": "ask",
    "file_id": "file",
    "filter_id": "filter",
    "interaction_id": "hidden",
    "note_id": "note",
    "task_id": "task",
    "holding_id": "holding",
    "mail_id": "mail",
}
# The same where that name alone does not tell, by the route.
OF_ROUTE = {
    "network_staff.accept": "proposal",
    "network_staff.dismiss": "proposal",
    "network_staff.accept_acquaintance": "known",
    "network_staff.dismiss_acquaintance": "known",
    "network_staff.edit": "known",
    "network_staff.remove": "known",
    "influencer_import_staff.show": "run",
    "influencer_import_staff.check": "run",
    "influencer_import_staff.start": "run",
    "calendar_staff.move": "ask",
    "merging_staff.search": "contact",
    "merging_staff.compare": "contact",
    "merging_staff.merge": "contact",
    "merging_staff.tell_apart": "contact",
}
# What all members share, or what the permission alone decides about.
SHARED = {
    *("contact_id", "other_id", "office_id", "organization_id", "segment_id", "campaign_id", "goal_id"),
    *("mailing_id", "message_id", "bounce_id", "run_id", "wording_id", "topic_id", "stage_id", "template_id"),
    *("resource_id", "resource_file_id", "reading_id"),
    *("action_id", "target_id", "signature_id", "sign_on_id", "delivery_id", "submission_id"),
    *("thread_id", "reply_id", "sequence_id", "step_id", "design_id", "revision_id", "picture_id"),
    *("event_id", "attendance_id", "field_id", "digest_id", "form_id", "page_id", "service_id", "assistance_id"),
    "user_id",
}
# Names that say nothing by themselves, by the only routes where they lead to nothing hidden.
WORDS = {
    "actions_staff.new": {"kind"},
    "share_kits_staff.edit": {"text_id"},
    "share_kits_staff.delete": {"text_id"},
    "letters_staff.edit_text": {"text_id"},
    "letters_staff.delete_text": {"text_id"},
    "sign_on_staff.print_letter": {"language"},
    "targets_staff.hold": {"do"},
    "event_registrants_staff.imported": {"import_id"},
    "mailing_pictures.show": {"public_id"},
    "mailing_pictures.describe": {"public_id"},
    "mailing_pictures.delete": {"public_id"},
    "mailing_report.numbered": {"part"},
    "composer_staff.remove_version": {"language"},
    "site_pages.open_fixed": {"name"},
    "site_pages.remove_language": {"language"},
    "languages_staff.export": {"code"},
    "languages_staff.review": {"code"},
    "delivery_staff.copies_in": {"state"},
    "day_staff.all_of": {"part"},
}
SHARED_ROUTES = {"office_contacts_staff.edit", "office_contacts_staff.leave"}
LAST = ("accept", "dismiss", "discard", "delete", "remove")  # After these the row is another, or gone.


def walked(app, secrets, ada):
    """Yield route, method, address and row of each that leads to a hidden one; fails for what nobody placed yet."""
    ids = {name: row.id for name, row in secrets.items()} | {"contact": secrets["own"].contact_id}
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/staff/") and rule.arguments]
    for rule in sorted(rules, key=lambda rule: max(place * (word in rule.rule) for place, word in enumerate(LAST, 1))):
        hidden = OF_ROUTE.get(rule.endpoint) or next((HIDDEN[a] for a in rule.arguments if a in HIDDEN), "")
        placed = hidden or rule.endpoint in SHARED_ROUTES or rule.arguments <= SHARED | WORDS.get(rule.endpoint, set())
        assert placed, f"Say here what {rule} leads to, and whether another member may open it."
        if hidden:
            values = dict.fromkeys(rule.arguments, ids[hidden]) | {"state": "agreed", "kind": "asks"}
            values |= {"other_id": ada.contact_id} if "other_id" in rule.arguments else {}
            with app.test_request_context():
                address = app.url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})
            yield from ((rule, method, address, hidden) for method in sorted(rule.methods - {"HEAD", "OPTIONS"}))


@pytest.mark.parametrize("role", ["organizer", "admin"])
def test_another_member_finds_no_such_page_and_changes_nothing(app, client_of, secrets, ada, sam, role):
    sam.role = role
    db.session.commit()
    browser, opened = client_of(sam), 0
    for rule, method, address, _ in walked(app, secrets, ada):
        answer = browser.open(address, method=method, data={} if method == "POST" else None)
        assert answer.status_code == 404, f"{method} {rule} answered {answer.status}"
        opened += 1
    assert opened > 55


OF_THE_COALITION = {"own", "holding", "proposal", "contact"}  # It sees the influencers of all members.


def test_nor_does_an_admin_of_the_coalition_where_it_is_for_the_own_staff_alone(app, client_of, secrets, ada, alice):
    browser = client_of(alice)
    opened = 0
    for rule, method, address, hidden in walked(app, secrets, ada):
        if hidden not in OF_THE_COALITION:
            answer = browser.open(address, method=method, data={} if method == "POST" else None)
            assert answer.status_code == 404, f"{method} {rule} answered {answer.status}"
            opened += 1
    assert opened > 25


def test_its_own_staff_find_each_of_them(app, client_of, secrets, ada, nora):
    nora.role = "admin"
    db.session.commit()
    browser = client_of(nora)
    for rule, method, address, _ in walked(app, secrets, ada):
        answer = browser.open(address, method=method, data={} if method == "POST" else None)
        assert answer.status_code in (200, 302, 409, 422), f"{method} {rule} answered {answer.status}"


def test_a_number_in_a_form_leads_no_further_than_one_in_an_address(client_of, secrets, ada, nora, sam):
    browser, own, ask, day = client_of(sam), secrets["own"], secrets["ask"], "2099-01-01"
    mine = tracking.make(ada, {"title": "Mine", "due_on": clock.today(sam.zone), "assignee_id": sam.id}, sam)
    template = factories.add(PlanTemplate(name="Fly-in", steps=[{"title": "A", "days": 0, "assignee": "starter"}]))
    template.steps = [{**template.steps[0], "after": None}]
    [waiting] = passing_on.find(nora, limit=9)
    db.session.commit()
    office = f"/staff/influencers/offices/{secrets['holding'].office_id}"
    task = {"task-title": "Mine", "task-due_on": day, "task-assignee_id": sam.id}
    log = {"kind": "call", "summary": "Hi", "held_on": "2026-11-01", "openness": "open"}
    plan = {"template_id": template.id, "anchor_on": day, "ask_id": ask.id, "make": "1", "step": "0"}
    for address, values in (
        (f"/staff/tasks/new/{ada.id}", task | {"task-ask_id": ask.id}),
        (f"/staff/tasks/{mine.id}", task | {"task-ask_id": ask.id, "task-version": mine.version}),
        (f"/staff/tasks/{mine.id}", task | {"shown": f"{secrets['task'].id}:1", "move": secrets["task"].id}),
        (f"/staff/influencers/{ada.id}/plan", plan | {"template_version": template.version}),
        ("/staff/influencers/offices/asks/", {"marks": waiting.mark, "decision": "lapsed"}),
        (f"{office}/holder", {"who": "Quillson", "which": own.id, "since": "2026-11-01", "ended": "other"}),
        ("/staff/log/", log | {"who": "Quill Quillson", "influencer_id": own.id}),
        ("/staff/influencers/new", {"last_name": "X", "stage": "identified", "contact_id": own.contact_id}),
    ):
        answer = browser.post(address, data=values)
        assert answer.status_code in (200, 409, 422) and "xyzzy" not in answer.text.lower(), address
    assert browser.get(f"/staff/influencers/{ada.id}/briefing?ask={ask.id}").status_code == 404
    assert (ask.state, secrets["holding"].until, secrets["task"].version) == ("made", None, 1)
    assert (
        db.session.scalar(select(Task.id).where(Task.ask_id == ask.id, Task.organization_id != ask.organization_id))
        is None
    )
    assert db.session.scalar(select(Interaction.id).where(Interaction.contact_id == own.contact_id)) is None
