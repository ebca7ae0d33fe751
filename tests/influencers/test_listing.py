"""Finding influencers and asks."""

from datetime import date

import pytest

from crm.base.pages import paginate
from crm.influencers import asks, ledger, listing
from tests import factories

TODAY = date(2026, 11, 22)


def names(wanted, **kwargs):
    return [i.contact.last_name for i in paginate(listing.find(wanted, **kwargs), 1).rows]


@pytest.fixture
def three(app, oscar):
    ada = factories.make_influencer("Ada", "Adams", stage="asked", sector="policy", state="MI", owner_id=oscar.id)
    ben = factories.make_influencer("Ben", "Brook", sector="funder", formal_name="Benjamin 100% Brook", influence=5)
    eve = factories.make_influencer("Eve", "Éclair", sector="funder", state="VT", influence=2)
    factories.make_ask(ada, category="resources")
    asks.advance(factories.make_ask(eve, category="resources"), "lapsed", oscar)
    return ada, ben, eve


def test_filters_narrow_the_list(three, oscar):
    assert names({"stage": "asked"}) == ["Adams"]
    assert names({"sector": "funder"}) == ["Brook", "Éclair"]
    assert names({"state": "VT"}) == ["Éclair"]
    assert names({"owner": str(oscar.id)}) == ["Adams"]
    assert names({"owner": "none"}) == ["Brook", "Éclair"]
    assert names({"category": "resources"}) == ["Adams"]
    assert names({"owner": "99999999999999999999"}) == []


def test_search_finds_every_word_and_takes_signs_as_they_are(three):
    assert names({"q": "benj BROOK"}) == ["Brook"]
    assert names({"q": "100%"}) == ["Brook"]
    assert names({"q": "%"}) == ["Brook"]
    assert names({"q": "ada brook"}) == []


@pytest.mark.parametrize("sort", [*listing.SORTS, "nonsense"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_every_sort_gives_all_of_them(three, sort, order):
    assert len(names({}, sort=sort, order=order)) == 3


def test_sorting_puts_what_is_unknown_last(three):
    assert names({}, sort="influence", order="desc") == ["Brook", "Éclair", "Adams"]


def test_the_ledger_filters_by_category_state_and_overdue_at_once(app, oscar):
    influencer = factories.make_influencer()
    match = factories.make_ask(influencer, title="Match", category="resources", due_on=date(2026, 11, 1))
    asks.advance(match, "made", oscar)
    factories.make_ask(influencer, title="Planned", category="resources", due_on=date(2026, 11, 1))
    later = factories.make_ask(influencer, title="Later", category="resources", due_on=date(2026, 12, 1))
    asks.advance(later, "made", oscar)
    other = factories.make_ask(influencer, title="Other", category="leverage", due_on=date(2026, 11, 1))
    asks.advance(other, "made", oscar)
    wanted = {"category": "resources", "state": "made", "overdue": "1"}
    assert [ask.title for ask in paginate(ledger.find(wanted, TODAY), 1).rows] == ["Match"]
    assert len(paginate(ledger.find({"state": "open"}, TODAY), 1).rows) == 4
    assert ledger.counts()[("resources", "made")] == 2
    for sort in ledger.SORTS:
        assert len(paginate(ledger.find({}, TODAY, sort, "desc"), 1).rows) == 4
