"""Files for the tests of imports, and a short way to import them."""

import io

from crm.extensions import db
from crm.transfer import runs, work
from crm.transfer.models import CHECKING, RUNNING, ImportRun

AN_HEADER = (
    "uuid,first_name,last_name,email,zip_code,can2_state_abbreviated,can2_user_tags,"
    "can2_subscription_status,can2_subscription_date"
)
MC_HEADER = (
    "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LEID,EUID,TAGS"
)


def action_network(*people: tuple[str, str]) -> str:
    """An export of Action Network: (address, status) of each person."""
    lines = [
        f'u-{n},First{n},Last{n},{email},0211{n % 10},MA,"Nurses, Boston",{status},2023-05-0{n % 9 + 1} 10:00:00'
        for n, (email, status) in enumerate(people)
    ]
    return "\n".join([AN_HEADER, *lines]) + "\n"


def mailchimp(*people: tuple[str, str, str]) -> str:
    """An export of Mailchimp: (address, OPTIN_TIME, CONFIRM_TIME) of each person."""
    lines = [
        f'{email},Ana,Ng,2,{optin},203.0.113.7,{confirm},203.0.113.8,1,e1,"""Nurses"",""New York, NY"""'
        for email, optin, confirm in people
    ]
    return "\n".join([MC_HEADER, *lines]) + "\n"


def receive(text: str | bytes, filename: str = "people.csv") -> ImportRun:
    content = text if isinstance(text, bytes) else text.encode()
    run = runs.receive(io.BytesIO(content), filename, actor="alice@bridgeway.example")[0]
    db.session.commit()
    return run


def bring_in(
    text: str | bytes, *, consent: str = "", topics: tuple[str, ...] = (), filename: str = "people.csv", dry=False
) -> dict[str, int]:
    """Import a file, or check it only, and return what was counted."""
    run = receive(text, filename)
    runs.settle_terms(run, mapping=run.mapping, holds=run.holds, topics=topics, consent=consent)
    return carry_out(run, CHECKING if dry else RUNNING)


def carry_out(run: ImportRun, state: str) -> dict[str, int]:
    assert runs.start(run, state)
    db.session.commit()
    work.work()
    found = db.session.get_one(ImportRun, run.id, populate_existing=True)
    assert found.state == work.AFTER[state], found.message
    return {name: count for name, count in found.counts.items() if count}
