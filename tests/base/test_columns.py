"""What columns make of values that no form has checked."""

import pytest

from crm.base.columns import WebAddress
from crm.extensions import db
from tests import factories
from tests.corpora import executing

ADDRESSES = [vector for place, vector in executing.VECTORS if place == "url"]


def test_an_address_that_a_browser_would_run_is_read_as_none():
    kind = WebAddress(2000)
    assert {kind.process_result_value(one, db) for one in [*ADDRESSES, "data:text/html,x"]} == {""}
    for good in ("https://x.example/a?b=javascript:1", "/staff/", "", "mailto:a@x.example", "x.example"):
        assert kind.process_result_value(good, db) == good


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_page_has_no_link_that_runs_whatever_stands_in_the_database(as_alice):
    influencer = factories.make_influencer(website=ADDRESSES[0], web_form=ADDRESSES[2])
    assert "script:" not in as_alice.page(f"/staff/influencers/{influencer.id}").text
