"""`crm contact list`."""

import json

from crm.cli import main
from crm.contacts import sources
from crm.delivery import suppression
from crm.extensions import db
from tests import factories


def test_everybody_is_listed_with_status_topics_and_source(app):
    make = factories.make_contact
    amina = make("amina@mail.example", topics={"research": "active", "webinars": "unsubscribed"})
    amina.source_id = sources.find_or_make("import", "Mailchimp import").id
    make("bea@mail.example", topics={"research": "pending"})
    make("carol@mail.example", topics={"research": "unsubscribed"})
    make("dina@mail.example")
    make("esra@mail.example", topics={"research": "active"})
    suppression.suppress("esra@mail.example", "hard_bounce")
    db.session.commit()
    rows = listed(app)
    assert [row["status"] for row in rows] == ["active", "pending", "unsubscribed", "none", "blocked"]
    assert rows[0] == {
        "id": amina.id,
        "email": "amina@mail.example",
        "status": "active",
        "topics": ["research"],
        "source": "Mailchimp import",
    }
    assert [row["email"] for row in listed(app, "--status", "pending")] == ["bea@mail.example"]


def listed(app, *words: str) -> list[dict]:
    result = app.test_cli_runner().invoke(main, ["contact", "list", "--json", *words])
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]
