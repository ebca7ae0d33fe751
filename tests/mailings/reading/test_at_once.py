"""Many clicks at one moment: none is lost, none is counted twice, and none of a robot's stays a person's."""

from concurrent.futures import ThreadPoolExecutor

from crm.extensions import db
from crm.mailings.models import Mailing
from crm.mailings.reading import clicks
from tests.mailings.reading.people import AMINA, FIREFOX, make_links, path

THREADS = 6


def at_once(app, requests) -> None:
    """Send them, each (path, browser, network), from several threads."""

    def send(request) -> int:
        where, browser, network = request
        with app.app_context():
            answer = app.test_client().get(
                where, headers={**AMINA, "User-Agent": browser}, environ_base={"REMOTE_ADDR": network}
            )
            db.session.remove()
            return answer.status_code

    with ThreadPoolExecutor(THREADS) as pool:
        assert set(pool.map(send, requests)) == {302}


def counted(link) -> tuple[int, int, int]:
    db.session.rollback()
    db.session.expire_all()
    found = clicks.of(db.session.get_one(Mailing, link.mailing_id))
    return found.total, found.unique, found.robots


def test_people_who_click_at_one_moment_are_all_counted(app):
    links = make_links(2)
    requests = [(path(links[number % 2]), FIREFOX, f"10.1.{number}.7") for number in range(48)]
    at_once(app, requests)
    assert counted(links[0]) == (48, 48, 0)


def test_a_scanner_with_many_connections_is_none_of_them(app):
    links = make_links(6)
    requests = [(path(link), FIREFOX, "10.1.1.7") for _ in range(6) for link in links]
    at_once(app, requests)
    assert counted(links[0]) == (0, 0, 36)
