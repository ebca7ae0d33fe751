"""Influence and interest: each number of the chart opens the rows behind it."""

import re
from html import unescape

import pytest

from crm.extensions import db
from crm.influencers import chart
from tests import factories

CHART = "/staff/influencers/chart"


@pytest.fixture
def some(app):
    scores = [(5, 5), (5, 5), (4, 1), (1, 4), (3, 3), (None, 2), (2, None), (None, None)]
    for number, (influence, interest) in enumerate(scores):
        sector = "policy" if number % 2 else "media"
        factories.make_influencer(last_name=f"No{number}", influence=influence, interest=interest, sector=sector)
    db.session.commit()


def test_the_cells_and_quarters_count_those_who_match(some):
    drawn = chart.draw({})
    assert drawn.cells == {(5, 5): 2, (4, 1): 1, (1, 4): 1, (3, 3): 1}
    assert [one.count for one in drawn.quarters] == [2, 1, 1, 1]
    assert (drawn.no_influence, drawn.no_interest) == (2, 2)
    assert (drawn.weight(5, 5), drawn.weight(4, 1), drawn.weight(2, 2)) == (4, 2, 0)
    assert sum(chart.draw({"sector": "policy", "influence": "5"}).cells.values()) == 2


def test_every_number_opens_as_many_rows(as_oscar, some):
    page = as_oscar.page(CHART).text
    links = re.findall(r'href="(/staff/influencers/\?[^"]+)">(\d+)', page)
    assert len(links) == 4 + 4 + 2
    for address, number in links:
        listed = as_oscar.page(unescape(address)).text
        assert len(re.findall(r'<th scope="row">', listed)) == int(number), address


def test_filters_stay_in_the_links_and_an_empty_chart_says_what_to_do(as_oscar, some):
    assert "sector=policy" in as_oscar.page(f"{CHART}?sector=policy").text
    assert "Nobody matches" in as_oscar.page(f"{CHART}?q=zzz").text
    as_oscar.page("/staff/influencers/?influence=x&interest=99999999999999")


def test_a_member_is_not_shown_what_another_keeps_to_itself(client_of, some):
    north, south = (factories.make_organization(name, is_member=True) for name in ("North", "South"))
    sam = factories.make_user("organizer", organization_id=south.id)
    factories.make_influencer(influence=2, interest=2, organization_id=north.id)
    db.session.commit()
    assert (2, 2) not in chart.draw({}, sam).cells
    assert "with influence 2 and interest 2" not in client_of(sam).page(CHART).text
