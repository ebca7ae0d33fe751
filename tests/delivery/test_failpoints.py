"""A worker that dies between any two steps of the delivery path loses nothing."""

from itertools import cycle

import pytest

from bench import kill_trial
from crm.delivery import failpoints
from tests.delivery.test_worker import WAIT, counting, installation, queue

__all__ = ["counting", "installation"]  # fixtures


BETWEEN = list(zip([p for p in failpoints.POINTS if p != "settled"], cycle(["hold", "resend"]), strict=False))


@pytest.mark.parametrize(("point", "mode"), BETWEEN)
def test_a_death_between_any_two_steps_loses_nothing(installation, counting, point, mode):
    message_id = queue(80, on_uncertain=mode)  # more than a batch
    armed = {"FAILPOINT": f"{point}:3" if point not in ("taken", "recorded") else point, "DEVELOPMENT": "true"}
    installation.environment.update(armed)
    assert installation.start("sender").wait(WAIT) == -9
    installation.environment.pop("FAILPOINT")
    assert installation.start("sender", "--until-idle").wait(WAIT) == 0
    found = kill_trial.judge(message_id, counting)
    assert (found["lost"], found["unfinished"]) == (0, 0)
    assert found["duplicates"] <= (kill_trial.CONNECTIONS if mode == "resend" else 0)
    assert found["uncertain"] <= (kill_trial.CONNECTIONS if mode == "hold" else 0)


def test_a_death_while_another_is_settled_loses_nothing(installation, counting):
    message_id = queue(30, on_uncertain="hold")
    for point in ("dot:3", "settled", ""):
        installation.environment.update(FAILPOINT=point, DEVELOPMENT="true")
        installation.start("sender", "--until-idle").wait(WAIT)
    found = kill_trial.judge(message_id, counting)
    assert (found["lost"], found["unfinished"], found["duplicates"]) == (0, 0, 0)
    assert found["uncertain"] <= kill_trial.CONNECTIONS


@pytest.mark.parametrize("setting", ["nowhere", "nowhere:3"])
def test_a_point_that_does_not_exist_is_refused(installation, setting):
    installation.environment.update(FAILPOINT=setting, DEVELOPMENT="true")
    assert installation.start("sender", "--until-idle").wait(WAIT) == 1


def test_outside_of_development_nothing_is_armed(installation, counting):
    queue(3)
    installation.environment.update(FAILPOINT="taken", DEVELOPMENT="")
    assert installation.start("sender", "--until-idle").wait(WAIT) == 0
    assert counting.accepted == 3
