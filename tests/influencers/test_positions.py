"""Where influencers stand on each campaign, and the facts that came to the profile with it."""

import pytest

from crm.base.changes import Collision, Refused
from crm.extensions import db
from crm.influencers import listing
from crm.influencers.positions import stances
from tests import factories


@pytest.fixture
def ada(app):
    return factories.make_influencer("Ada", "Adams")


@pytest.fixture
def campaign(app):
    return factories.make_campaign("Licensing reform")


def names(**wanted):
    return [one.name for one in db.session.scalars(listing.find(wanted))]


def test_a_position_is_kept_with_its_history(ada, campaign, oscar):
    stances.note(ada, campaign.id, "skeptic", "Voted no", oscar, 0)
    stances.note(ada, campaign.id, "supporter", "Changed her mind", oscar, 1)
    assert stances.note(ada, campaign.id, "supporter", "", oscar, 1) is None
    assert [(one.campaign.name, one.stance) for one in stances.of(ada)] == [("Licensing reform", "supporter")]
    assert [(c.old_stance, c.new_stance, c.reason, c.user_id) for c in stances.changes_of(ada)] == [
        ("skeptic", "supporter", "Changed her mind", oscar.id),
        ("unknown", "skeptic", "Voted no", oscar.id),
    ]


def test_the_second_of_two_learns_what_the_first_noted(ada, campaign, oscar, alice):
    stances.note(ada, campaign.id, "skeptic", "Voted no", alice, 0)
    with pytest.raises(Collision):
        stances.note(ada, campaign.id, "champion", "", oscar, 0)
    with pytest.raises(Refused):
        stances.note(ada, 999, "champion", "", oscar, 0)


def test_it_is_noted_on_the_profile_and_a_collision_loses_nothing(as_oscar, ada, campaign, alice):
    url = f"/staff/influencers/{ada.id}"
    assert "Unknown on every campaign." in as_oscar.page(url).text
    values = {"position-campaign_id": campaign.id, "position-stance": "champion", "position-reason": "Her speech"}
    stances.note(ada, campaign.id, "skeptic", "Voted no", alice, 0)
    db.session.commit()
    page = as_oscar.send(f"{url}/position", values, status=409).text
    assert "Alice Admin set it to Skeptic meanwhile (Voted no)" in page and "Her speech" in page
    assert "Champion</dd>" in as_oscar.send(f"{url}/position", {**values, "position-seen": f"{campaign.id}:1"}).text
    page = as_oscar.page(f"{url}/history").text
    assert "Position on Licensing reform: Skeptic → Champion" in page and "Her speech" in page
    page = as_oscar.send(f"{url}/position", {**values, "position-campaign_id": ""}, status=422).text
    assert "Choose the campaign." in page


def test_the_list_is_filtered_by_position_on_one_campaign_or_any(as_oscar, ada, campaign, oscar):
    other = factories.make_campaign("Housing")
    ben = factories.make_influencer("Ben", "Brook")
    stances.note(ada, campaign.id, "champion", "", oscar, 0)
    stances.note(ben, other.id, "opponent", "", oscar, 0)
    db.session.commit()
    assert names(position="champion") == ["Ada Adams"]
    assert names(position="champion", campaign=str(other.id)) == []
    assert names(position="unknown", campaign=str(campaign.id)) == ["Ben Brook"]
    assert names(position="unknown") == []
    page = as_oscar.page(f"/staff/influencers/?position=opponent&campaign={other.id}").text
    assert "Brook" in page and "Adams" not in page
    as_oscar.page("/staff/influencers/?position=nonsense&campaign=x")


def test_backup_owner_languages_assistant_and_notice_stand_on_the_profile(as_oscar, ada, alice):
    values = {"last_name": "Adams", "version": ada.version, "sector": "", "influence": "", "interest": ""}
    values |= {"backup_owner_id": alice.id, "languages": "English, Spanish", "assistant_name": "Lee Park"}
    values |= {"assistant_contact": "555-0199", "noticed_on": "2026-11-01", "owner_id": "", "organization_id": ""}
    page = as_oscar.send(f"/staff/influencers/{ada.id}/edit", values).text
    for words in ("Alice Admin", "English, Spanish", "Lee Park, 555-0199", "Nov 1, 2026"):
        assert words in page
    assert "Backup owner: nothing → Alice Admin" in as_oscar.page(f"/staff/influencers/{ada.id}/history").text
    page = as_oscar.send(f"/staff/influencers/{ada.id}/edit", {**values, "noticed_on": "soon"}).text
    assert "Give the date as year, month and day" in page
