"""Files of data: whoever takes one slowly keeps nobody from writing."""

from collections.abc import Iterator

import pytest
from flask import Flask, url_for
from sqlalchemy import select

from crm.actions.models import Action
from crm.events.models import Event
from crm.extensions import db
from crm.organizations.models import Organization
from crm.site.demo import coalition as sample
from crm.site.demo import loading
from tests import second_writer

ENDS = ("export", "csv", "xlsx")
MODELS = {"action_id": Action, "event_id": Event, "organization_id": Organization}


def addresses(app: Flask) -> Iterator[tuple[str, str]]:
    """The address of each file that a button sends, of each thing that has one."""
    for rule in list(app.url_map.iter_rules()):
        if "POST" in rule.methods and rule.rule.endswith(ENDS):
            names = list(rule.arguments)
            numbers = db.session.scalars(select(MODELS[names[0]].id)).all() if names else [None]
            for number in numbers:
                with app.test_request_context():
                    yield rule.endpoint, url_for(rule.endpoint, **dict.fromkeys(names, number))


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_while_a_file_is_taken_somebody_else_can_write(bare_app):
    loading.load()
    db.session.commit()
    browser, told = bare_app.test_client(), dict[str, int]()
    browser.send("/login", {"email": sample.ADMIN, "password": sample.password()})
    for endpoint, address in list(addresses(bare_app)):
        answer = browser.post(address, buffered=False)
        assert answer.status_code in (200, 404), address
        parts = 0
        for _ in zip(range(3), answer.iter_encoded(), strict=False):
            parts += 1
            assert second_writer.can_write(), address
        answer.close()
        told[endpoint] = max(told.get(endpoint, 0), parts if answer.status_code == 200 else 0)
    assert len(told) >= 10
    assert {name for name, parts in told.items() if parts < (1 if "xlsx" in name else 3)} == set()
