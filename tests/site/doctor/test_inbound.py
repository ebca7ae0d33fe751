"""The mailbox for copies of mail: the doctor opens it where there is one."""

from pathlib import Path

import pytest

from crm.site.doctor import inbound, visit
from tests.mailbox_server import MailboxServer

CERTIFICATE = Path(__file__).parents[2] / "delivery" / "localhost.pem"
ONE_DATABASE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


@ONE_DATABASE
def test_a_mailbox_is_opened_and_what_stands_in_the_way_is_said(app):
    with MailboxServer() as box:
        app.config.update(MAIL_CA_FILE=str(CERTIFICATE), INBOUND_MAILBOX=box.url("imaps"), INBOUND_DOMAIN="in.example")
        assert inbound.look(app.config).state == "ok"
        app.config["INBOUND_DOMAIN"] = None
        assert inbound.look(app.config).state == "warning"
        app.config["INBOUND_MAILBOX"] = box.url("imaps", password="wrong")
        row = inbound.look(app.config)
        assert row.state == "error" and "wrong" not in row.found
    app.config["INBOUND_MAILBOX"] = "imaps://nowhere"
    row = inbound.look(app.config)
    assert "INBOUND_MAILBOX must look like" in row.found and "INBOUND_MAILBOX" in row.mend


@ONE_DATABASE
def test_without_a_mailbox_there_is_no_row(app):
    assert inbound.NAME not in [row.name for row in visit.outside(app)]
    app.config["INBOUND_MAILBOX"] = "imaps://nowhere"
    assert inbound.NAME in [row.name for row in visit.outside(app)]
