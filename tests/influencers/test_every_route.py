"""No route leads to what another member keeps to itself: every address of the staff that names a row is walked."""

import pytest

from crm.extensions import db

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
    "merging_staff.search": "contact",
    "merging_staff.compare": "contact",
    "merging_staff.merge": "contact",
    "merging_staff.tell_apart": "contact",
}
# What all members share, or what the permission alone decides about.
SHARED = {
    *("contact_id", "other_id", "office_id", "organization_id", "segment_id", "campaign_id", "goal_id"),
    *("mailing_id", "message_id", "bounce_id", "run_id", "wording_id", "topic_id", "stage_id", "template_id"),
    *("user_id", "code", "state", "part"),
}
SHARED_ROUTES = {"office_contacts_staff.edit", "office_contacts_staff.leave"}
LAST = ("accept", "dismiss", "discard", "delete", "remove")  # After these the row is another, or gone.


def walked(app, secrets, ada):
    """Yield route, method and address of each that leads to a hidden row; fails for one that nobody placed yet."""
    ids = {name: row.id for name, row in secrets.items()} | {"contact": secrets["own"].contact_id}
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/staff/") and rule.arguments]
    for rule in sorted(rules, key=lambda rule: max(place * (word in rule.rule) for place, word in enumerate(LAST, 1))):
        hidden = OF_ROUTE.get(rule.endpoint) or next((HIDDEN[a] for a in rule.arguments if a in HIDDEN), "")
        placed = hidden or rule.endpoint in SHARED_ROUTES or rule.arguments <= SHARED
        assert placed, f"Say here what {rule} leads to, and whether another member may open it."
        if hidden:
            values = dict.fromkeys(rule.arguments, ids[hidden]) | {"state": "agreed"}
            values |= {"other_id": ada.contact_id} if "other_id" in rule.arguments else {}
            with app.test_request_context():
                address = app.url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})
            yield from ((rule, method, address) for method in sorted(rule.methods - {"HEAD", "OPTIONS"}))


@pytest.mark.parametrize("role", ["organizer", "admin"])
def test_another_member_finds_no_such_page_and_changes_nothing(app, client_of, secrets, ada, sam, role):
    sam.role = role
    db.session.commit()
    browser, opened = client_of(sam), 0
    for rule, method, address in walked(app, secrets, ada):
        answer = browser.open(address, method=method, data={} if method == "POST" else None)
        assert answer.status_code == 404, f"{method} {rule} answered {answer.status}"
        opened += 1
    assert opened > 55


def test_its_own_staff_find_each_of_them(app, client_of, secrets, ada, nora):
    nora.role = "admin"
    db.session.commit()
    browser = client_of(nora)
    for rule, method, address in walked(app, secrets, ada):
        answer = browser.open(address, method=method, data={} if method == "POST" else None)
        assert answer.status_code in (200, 302, 409, 422), f"{method} {rule} answered {answer.status}"
