"""Opens the mailbox that copies of mail come to, where there is one, as the worker does every minute."""

from collections.abc import Mapping
from typing import Any

from crm.delivery.bounces import mailbox
from crm.influencers.inbound.collecting import SETTING
from crm.site.doctor.bounces import LONGEST_SECONDS
from crm.site.doctor.rows import Row, ok, warning
from crm.site.doctor.rows import error as fault

NAME = "Copies of mail"


def look(config: Mapping[str, Any]) -> Row:
    """Connect, encrypt, log in, open the folder, and leave."""
    try:
        url, trust = config[SETTING], config["MAIL_CA_FILE"]
        with mailbox.Mailbox(url, trust, LONGEST_SECONDS, setting=SETTING) as box:
            answers = f"The mailbox at {box.host} answers over TLS and lets us in."
    except mailbox.MailboxError as trouble:
        mend = f"Look at {SETTING}: host, port, user, password (@ as %40) and folder. Till then no copy is logged."
        return fault(NAME, str(trouble), mend)
    if not config["INBOUND_DOMAIN"]:
        return warning(NAME, f"{answers} But nobody has an address for copies.", "Set INBOUND_DOMAIN.")
    return ok(NAME, answers)
