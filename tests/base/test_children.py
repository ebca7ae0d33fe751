"""Processes that are started again when they end."""

import sys
import time

import pytest

from crm.base import children
from crm.base.children import Child, end

QUICK, SLOW = [sys.executable, "-c", "pass"], [sys.executable, "-c", "import time; time.sleep(60)"]


def run_to_its_end(child: Child) -> bool:
    child.due = 0.0
    child.look_after()
    child.process.wait()
    return child.look_after()


def test_a_child_that_ends_soon_starts_again_after_a_longer_and_longer_rest(monkeypatch):
    child = Child("trial", QUICK)
    rests = []
    for _ in range(3):
        assert not run_to_its_end(child)
        rests.append(child.rest)
    assert rests == pytest.approx([0.1, 0.2, 0.4])
    monkeypatch.setattr(children, "STEADY_SECONDS", 0.0)
    run_to_its_end(child)
    assert child.rest == pytest.approx(0.1)


@pytest.mark.parametrize(("code", "for_good"), [(0, True), (1, False), (-15, False)])
def test_a_child_that_may_end_is_left_at_that_only_where_all_went_well(code, for_good):
    ends = f"import os, signal; os.kill(os.getpid(), {-code}) if {code} < 0 else os._exit({code})"
    child = Child("trial", [sys.executable, "-c", ends], may_end=True)
    assert run_to_its_end(child) is for_good
    assert child.look_after() is for_good
    assert (child.process is not None) is for_good


def test_children_are_ended_together_and_killed_where_they_do_not_listen(tmp_path):
    ready = tmp_path / "ready"
    deaf = f"import pathlib, signal, time; signal.signal(15, signal.SIG_IGN); pathlib.Path({str(ready)!r}).touch()"
    pair = [Child("one", SLOW), Child("deaf", [sys.executable, "-c", f"{deaf}; time.sleep(60)"])]
    for child in pair:
        child.look_after()
    while not ready.exists():
        time.sleep(0.01)
    end(pair, 0.5)
    assert [child.process.poll() for child in pair] == [-15, -9]
