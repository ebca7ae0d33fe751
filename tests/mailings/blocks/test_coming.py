"""Actions that open later, in mailings that are written before."""

from datetime import timedelta

import pytest

from crm.base import clock, wall_clock
from crm.base.block_kinds import made
from crm.extensions import db
from crm.mailings import checks, scheduling
from tests.actions.makers import make_petition
from tests.mailings.makers import make_mailing, make_people


def test_a_call_to_action_is_written_before_the_action_opens_and_goes_after(as_alice):
    make_people(1)
    action = make_petition(opens_at=clock.now() + timedelta(days=2))
    call = made("action", action=str(action.id))
    mailing = make_mailing(markup="blocks", blocks=[call])
    assert f'<option value="{action.id}" selected>' in as_alice.page(f"/staff/mailings/{mailing.id}/edit").text
    assert "Let nurses work" in as_alice.get(f"/staff/mailings/{mailing.id}/preview").text
    assert "The action that it shows opens on" in as_alice.page(f"/staff/mailings/{mailing.id}/review").text
    with pytest.raises(checks.NotReady, match="opens on"):
        scheduling.schedule(mailing, wall_clock.at(clock.now() + timedelta(days=1), "UTC"))
    scheduling.schedule(mailing, wall_clock.at(clock.now() + timedelta(days=3), "UTC"))
    mailing.scheduled_at = clock.now()
    db.session.commit()
    scheduling.release_due()
    assert (mailing.state, "opens on" in mailing.problem) == ("paused", True)
