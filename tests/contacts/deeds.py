"""A kind of deed for the tests of what all kinds share."""

import pytest
from flask_babel import lazy_gettext as _l

from crm.base.deeds import DeedKind, Done, deeds
from crm.contacts import timeline

TITLE = "Licenses for nurses trained abroad"


def offer(monkeypatch: pytest.MonkeyPatch) -> list[Done]:
    """A kind of deed whose rows are lines of the timeline; returns what was settled."""
    done: list[Done] = []

    def settle(one):
        if all(before.contact_id != one.contact_id for before in done):
            timeline.record(one.contact_id, "signature", f"Signed {TITLE}", actor="visitor")
        done.append(one)

    kind = DeedKind(
        title=lambda about_id, language: TITLE if about_id == 7 else "",
        prompt=_l("Confirm"),
        button=_l("Yes, confirm my address"),
        settle=settle,
        page=lambda about_id: "/privacy",
        after=lambda about_id, token: f"/privacy?done={token}",
    )
    monkeypatch.setattr(deeds, "_entries", {"signature": kind})
    return done
