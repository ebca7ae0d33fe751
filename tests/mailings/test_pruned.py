"""A mailing whose copies are too old to be kept: its numbers stay, its links work, and nobody gets it twice."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from flask.cli import ScriptInfo
from sqlalchemy import select, update

from crm.base import clock, wall_clock
from crm.cli import main
from crm.contacts.leaving import unsubscribe
from crm.contacts.models import Contact
from crm.delivery import freezing, outbox, pruned, pruning, suppression
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import releasing, scheduling, sending_progress
from crm.mailings.models import Mailing
from crm.mailings.report import leaving
from tests import factories
from tests.delivery.test_outbox import make_message
from tests.mailings.makers import make_mailing, make_people


def release(**values) -> Mailing:
    mailing = make_mailing(**values)
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    scheduling.release_due()
    return mailing


@pytest.fixture
def later():
    """400 days later, when one more mail has been queued."""
    with time_machine.travel(clock.now() + timedelta(days=400)):
        yield


def queue_another() -> None:
    outbox.queue(make_message(), "newest@mail.example")
    db.session.commit()


def prune() -> int:
    queue_another()
    return sum(step.total() for step in pruning.prune_all(pruning.before()))


def addresses(mailing: Mailing) -> list[str]:
    return sorted(db.session.scalars(select(Delivery.address).where(Delivery.message_id.in_(mailing.message_ids))))


@pytest.fixture
def old_mailing(app, sink, deliver) -> Mailing:
    """Sent to four, refused by one of them; one has left since."""
    people = make_people(4)
    refused, left = people[0].email, people[1]
    sink.script.rcpt = lambda address: "550 5.5.0 no" if refused in address else "250 ok"
    mailing = release()
    assert len(deliver()) == 3
    scheduling.finish()
    unsubscribe(left, mailing.topic, method="one_click")
    db.session.commit()
    return mailing


@pytest.fixture
def crm(app):
    def run(*words):
        result = app.test_cli_runner().invoke(main, [str(w) for w in words], obj=ScriptInfo(create_app=lambda: app))
        assert result.exit_code == 0, (result.output, result.exception)
        return result

    return run


def test_its_status_is_the_same_before_and_after(old_mailing, crm, request):
    number = old_mailing.id
    before = json.loads(crm("mailing", "status", number, "--json").stdout)
    request.getfixturevalue("later")
    assert prune() == 4
    assert json.loads(crm("mailing", "status", number, "--json").stdout) == before
    assert (before["state"], before["total"], before["sent"], before["failed"]) == ("finished", 4, 3, 1)
    assert outbox.finished(*db.session.get_one(Mailing, number).message_ids)


def test_its_list_of_copies_on_the_command_line_says_why_it_is_empty(old_mailing, crm, later):
    prune()
    listed = crm("mailing", "deliveries", old_mailing.id, "--json")
    assert listed.stdout == ""
    assert "4 copies are older than 365 days; their addresses are no longer kept." in listed.stderr
    assert "1 copy is older" in crm("mailing", "deliveries", old_mailing.id, "--state", "failed").stderr
    assert crm("mailing", "deliveries", old_mailing.id, "--state", "deferred").stderr == ""


def figures(page) -> list[str]:
    """The numbers in the tables of a page, and how much of it is done."""
    shown = re.findall(r'class="number">(.*?)</td>|<label for="progress-line">(.*?)</label>', page.text)
    return [re.sub("<[^>]*>", "", "".join(found)) for found in shown]


def test_its_report_and_the_list_of_mailings_show_the_same_numbers(old_mailing, later, client_of, alice):
    browser = client_of(alice)
    path = f"/staff/mailings/{old_mailing.id}"
    before = figures(browser.page(path)), figures(browser.page("/staff/mailings/"))
    assert prune() == 4
    assert (figures(browser.page(path)), figures(browser.page("/staff/mailings/"))) == before
    assert before[0][:2] == ["100 % done, 3 of 4 sent", "Sent: 3"]
    assert "All: 4" in before[0] and before[1] == ["3 of 4"]
    assert sending_progress.report(old_mailing).unsubscribed == 1


def test_a_number_whose_rows_are_gone_opens_a_page_that_says_so(old_mailing, later, client_of, alice):
    browser = client_of(alice)
    path = f"/staff/mailings/{old_mailing.id}"
    assert "older than" not in browser.page(path).text
    prune()
    assert "4 copies are older than 365 days; their addresses are no longer kept." in browser.page(path).text
    sent = browser.page(f"{path}/deliveries?state=sent").text
    assert "3 copies are older than 365 days" in sent
    assert "No copies here" not in sent
    assert "1 copy is older than 365 days" in browser.page(f"{path}/deliveries?state=unsubscribed").text
    assert "4 copies are older than 365 days" in browser.page(f"{path}/deliveries").text
    assert "No copies here" in browser.page(f"{path}/deliveries?state=deferred").text


def test_who_has_left_is_counted_once_while_copies_go_one_by_one(old_mailing, later, monkeypatch):
    monkeypatch.setattr(pruning, "STEP", {"sqlite": 1, "postgresql": 1})
    queue_another()
    for _ in pruning.prune_all(pruning.before()):
        assert sending_progress.report(old_mailing).unsubscribed == 1
        db.session.commit()
    assert pruned.number(leaving.LEFT) == 1


def test_freezing_it_again_sends_nothing_and_tells_no_owner_again(app, sink, deliver, alice, request):
    person = make_people(1)[0]
    factories.make_influencer(contact=person, owner_id=alice.id)
    db.session.commit()
    mailing = release()
    assert sorted(mail.recipient for mail in deliver()) == sorted([alice.email, person.email])
    scheduling.finish()
    request.getfixturevalue("later")
    assert prune() == 2
    assert releasing.freeze(mailing.id) == 0
    scheduling.release_one(mailing.id)
    scheduling.release_due()
    assert addresses(mailing) == []
    assert db.session.scalars(select(Delivery.address)).all() == ["newest@mail.example"]


def test_one_that_was_never_frozen_whole_is_kept_and_goes_on_to_each_once(app, sink, deliver, monkeypatch, request):
    people = [person.email for person in make_people(5)]
    mailing = make_mailing()
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    real = freezing.queue_audience

    def killed(message, query, **_):
        real(message, query.where(Contact.id <= 2))
        raise KeyboardInterrupt

    with monkeypatch.context() as killing:
        killing.setattr(freezing, "queue_audience", killed)
        with pytest.raises(KeyboardInterrupt):
            scheduling.release_due()
    db.session.rollback()
    assert len(deliver()) == 2
    scheduling.pause(mailing)
    db.session.commit()
    request.getfixturevalue("later")
    assert prune() == 0
    scheduling.resume(mailing)
    db.session.commit()
    scheduling.release_due()
    assert addresses(mailing) == sorted(people)
    assert sending_progress.status(mailing)["sent"] == 2
    assert prune() == 2  # Now that it is whole, those of 400 days ago may go.
    assert sending_progress.status(mailing)["total"] == 5
    assert releasing.freeze(mailing.id) == 0
    assert len(addresses(mailing)) == 3


def test_one_that_was_paused_halfway_goes_on_with_the_rest_and_no_other(app, sink, deliver, request):
    people = [person.email for person in make_people(4)]
    mailing = release()
    held = update(Delivery).where(Delivery.address.in_(people[2:]))
    db.session.execute(held.values(next_attempt_at=clock.now() + timedelta(minutes=5)))
    assert len(deliver()) == 2
    scheduling.pause(mailing)
    db.session.execute(held.values(next_attempt_at=clock.now() - timedelta(minutes=5)))
    db.session.commit()
    request.getfixturevalue("later")
    assert prune() == 2
    scheduling.resume(mailing)
    db.session.commit()
    assert sorted(mail.recipient for mail in deliver() if "newest" not in mail.recipient) == sorted(people[2:])
    scheduling.finish()
    status = sending_progress.status(db.session.get_one(Mailing, mailing.id))
    assert (status["state"], status["total"], status["sent"]) == ("finished", 4, 4)


def test_uncertain_copies_wait_for_staff_however_old(app, sink, deliver, request):
    make_people(2)
    mailing = release()
    sink.script.drop = "dot"
    deliver()
    assert sending_progress.status(mailing)["uncertain"] == 2
    scheduling.finish()
    request.getfixturevalue("later")
    assert prune() == 0
    assert scheduling.send_uncertain_again(mailing) == 2
    assert sending_progress.status(mailing)["queued"] == 2


def test_the_links_of_a_mail_whose_copy_is_gone_still_work(app, sink, deliver, client, request):
    person = make_people(1)[0]
    mailing = release()
    mail = deliver()[0]
    one_click = mail.message["List-Unsubscribe"].strip("<>").removeprefix("http://crm.example")
    preferences = next(line for line in mail.text.split() if "/preferences/" in line)
    click = next(line for line in mail.text.split() if "/c/" in line)
    request.getfixturevalue("later")
    assert prune() == 1
    assert addresses(mailing) == []
    browser = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    assert client.get(click.strip("<>()").removeprefix("http://crm.example"), headers=browser).status_code == 302
    assert "Action alerts" in client.page(preferences.strip("<>()").removeprefix("http://crm.example")).text
    assert client.post(one_click, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert suppression.reasons(person.email) == {"action-alerts": "unsubscribe"}
