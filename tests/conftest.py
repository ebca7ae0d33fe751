"""Fixtures: an application on each database, the people of the tests, a client that checks pages."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from crm.accounts import sessions
from crm.accounts.models import User
from crm.extensions import db, mail
from tests import applications, compiled, factories, installed
from tests.databases import Databases, hurry
from tests.hours import within_an_hour
from tests.pages import PageClient
from tests.sending import send_due
from tests.smtp_server import Mail, SmtpServer

KINDS = ["sqlite", "postgresql"]

compiled.keep(db)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process ends with a long test while the others have none left."""
    items.sort(key=lambda item: not item.get_closest_marker("browser") and not item.get_closest_marker("slow"))


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if worker != "main" else base
    return Databases(base, shared, worker)


@pytest.fixture(params=KINDS)
def settings(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> dict:
    """The settings of an application on an empty database of each kind."""
    return {
        "TESTING": True,
        "INSTANCE_PATH": str(tmp_path),
        "DATABASE_URL": databases.url(request.param, databases.folder),
        "SECRET_KEY": "only-for-tests",
        "PUBLIC_URL": "http://crm.example",
        "WTF_CSRF_ENABLED": False,
        "MAIL_USE_TLS": False,
        "KEEP_PAGES_SECONDS": 0,
    }


@pytest.fixture
def bare_app(settings: dict) -> Iterator[Flask]:
    """An installation that nobody has set up yet."""
    app = applications.lend(settings)
    app.test_client_class = PageClient
    with app.app_context():
        hurry(db.engine)
        yield app
        db.session.remove()
        compiled.end(db.engine)


@pytest.fixture
def app(bare_app: Flask) -> Flask:
    """An installation that is set up: coalition, three topics, consent wordings in three languages."""
    installed.set_up()
    return bare_app


@pytest.fixture
def client(app: Flask) -> PageClient:
    """A stranger's browser."""
    return app.test_client()


@pytest.fixture
def one_hour() -> Iterator[None]:
    """No window of a limit ends while the test runs."""
    with within_an_hour():
        yield


@pytest.fixture
def sink(app: Flask) -> Iterator[SmtpServer]:
    """A real SMTP server on loopback; sink["alice@mail.example"] is the one mail to that address."""
    with SmtpServer() as server:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=server.port)
        mail.init_app(app)
        yield server


@pytest.fixture
def deliver(app: Flask, sink: SmtpServer) -> Callable[[], list[Mail]]:
    """Send all that is due, and return the mails that arrived by it."""

    def run() -> list[Mail]:
        before = len(sink.mails)
        send_due(app)
        return sink.mails[before:]

    return run


@pytest.fixture
def alice(app: Flask) -> User:
    """Alice, an admin."""
    return _person("admin", "alice@bridgeway.example", "Alice Admin")


@pytest.fixture
def oscar(app: Flask) -> User:
    """Oscar, an organizer."""
    return _person("organizer", "oscar@bridgeway.example", "Oscar Organizer")


@pytest.fixture
def bob(app: Flask) -> User:
    """Bob, a viewer."""
    return _person("viewer", "bob@bridgeway.example", "Bob Viewer")


@pytest.fixture
def client_of(app: Flask) -> Callable[[User], PageClient]:
    """Return a browser in which that user is logged in."""

    def log_in(user: User) -> PageClient:
        browser = app.test_client()
        values = sessions.opened(user)
        db.session.commit()
        with browser.session_transaction() as session:
            session.update(values)
            session["_user_id"] = user.get_id()
            session["_fresh"] = True
        return browser

    return log_in


@pytest.fixture
def as_alice(client_of: Callable[[User], PageClient], alice: User) -> PageClient:
    return client_of(alice)


@pytest.fixture
def as_oscar(client_of: Callable[[User], PageClient], oscar: User) -> PageClient:
    return client_of(oscar)


@pytest.fixture
def as_bob(client_of: Callable[[User], PageClient], bob: User) -> PageClient:
    return client_of(bob)


def _person(role: str, email: str, name: str) -> User:
    user = factories.make_user(role, email=email, name=name)
    db.session.commit()
    return user
