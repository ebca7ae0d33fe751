"""Every fault on the menu of a mail server leaves each mail in the right state, and blames whom it should."""

import pytest

from crm.delivery.models import Delivery
from crm.extensions import db
from tests.delivery import faults

MAILS = 8


@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda fault: fault.name)
def test_each_fault_leaves_its_mails_in_the_right_state(app, fault, tmp_path):
    found = faults.outcome(app, fault, MAILS, tmp_path)
    assert faults.is_right(fault, found, MAILS), f"{found} instead of {faults.expected(fault, MAILS)}"


def test_a_server_without_smtputf8_is_named_as_the_reason(app, tmp_path):
    fault = next(fault for fault in faults.FAULTS if fault.name == "no SMTPUTF8")
    faults.outcome(app, fault, MAILS, tmp_path)
    failed = db.session.query(Delivery).filter_by(state="failed").first()
    assert "SMTPUTF8" in failed.smtp_reply


def test_the_next_try_succeeds_once_a_trouble_of_the_whole_server_is_over(app, tmp_path):
    for fault in faults.FAULTS:
        if fault.state == "queued":
            faults.outcome(app, fault, 1, tmp_path)
    healthy = faults.Fault("none", faults.script(), "sent", all=True)
    faults.outcome(app, healthy, MAILS, tmp_path)
    assert {row.state for row in db.session.query(Delivery)} == {"sent"}
