"""Links are opened with care: through the guard at every step, no bodies, not for long."""

import ipaddress
import socket
import ssl
import threading
import time

import pytest

from crm.mailings.checking.guard import Guard
from crm.mailings.checking.visiting import Visitor
from tests.mailings.checking.servers import Site

HERE = [ipaddress.ip_network("127.0.0.1/32")]


def visitor(site, *more_ports, resolve=lambda host: ["127.0.0.1"], networks=HERE, seconds=2.0, **words):
    guard = Guard(resolve=resolve, networks=networks, ports=[site.port, *more_ports])
    return Visitor(guard, "Test", seconds=seconds, **words)


def look(pages, path="/", **words):
    with Site(pages) as site:
        found = visitor(site, **words).look(f"http://site.example:{site.port}{path}")
        return found, site.asked


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (200, "answers"),
        (204, "answers"),
        (304, "answers"),
        (401, "refuses"),
        (403, "refuses"),
        (404, "dead"),
        (410, "dead"),
        (429, "refuses"),
        (500, "fails"),
        (503, "fails"),
    ],
)
def test_what_a_site_answers(code, outcome):
    found, _ = look({"/": (code, {})})
    assert found.outcome == outcome


def test_what_answers_to_its_head_is_asked_nothing_more():
    _, asked = look({"/": (200, {})})
    assert [method for method, _, _ in asked] == ["HEAD"]
    assert asked[0][2].startswith("site.example:")


@pytest.mark.parametrize("head", [(405, {}), (404, {}), (501, {}), None])
def test_a_site_that_knows_no_head_is_asked_again(head):
    found, asked = look(lambda method, path: head if method == "HEAD" else (200, {}))
    assert found.outcome == "answers"
    assert [method for method, _, _ in asked] == ["HEAD", "GET"]


def test_redirects_are_followed_to_their_end_even_relative_ones():
    pages = {"/": (301, {"Location": "/a"}), "/a": (302, {"Location": "b?x=1"}), "/b?x=1": (200, {})}
    found, asked = look(pages)
    assert found.outcome == "answers"
    assert [path for _, path, _ in asked] == ["/", "/a", "/b?x=1"]


def test_redirects_in_circles_end():
    found, asked = look({"/": (302, {"Location": "/"})})
    assert found.outcome == "fails"
    assert len(asked) <= 12


@pytest.mark.parametrize(
    "inside",
    [
        "http://127.0.0.2/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2130706434/",
        "http://[::1]/",
        "//10.0.0.1/",
        "http://inside.example/",
        "http://inside.example:8080/",
    ],
)
def test_a_redirect_to_an_internal_address_is_not_followed(inside):
    names = {"site.example": ["127.0.0.1"], "inside.example": ["10.0.0.1"]}
    found, asked = look({"/": (302, {"Location": inside})}, resolve=names.__getitem__)
    assert found.outcome == "internal"
    assert len(asked) == 1


@pytest.mark.parametrize(
    "elsewhere", ["file:///etc/passwd", "petition-app://sign/12", "http://site.example:22/", "/thanks for it"]
)
def test_a_redirect_to_where_programs_do_not_go_is_not_followed_and_not_called_internal(elsewhere):
    found, asked = look({"/": (302, {"Location": elsewhere})})
    assert found.outcome == "refuses"
    assert "Open it yourself" in found.found
    assert len(asked) == 1


def test_a_name_that_changes_between_two_looks_leads_nowhere_else():
    """Rebinding: the first answer is let through, the second is internal; each step connects to what was checked."""
    answers = iter([["127.0.0.1"], ["127.0.0.9"], ["127.0.0.9"]])
    found, asked = look({"/": (405, {})}, resolve=lambda host: next(answers))
    assert found.outcome == "internal"
    assert len(asked) == 1


def test_it_connects_to_the_address_that_was_checked_and_asks_the_system_for_no_name(monkeypatch):
    real = socket.getaddrinfo

    def only_numbers(host, *args, **words):
        assert host == "127.0.0.1", f"the system was asked for {host}"
        return real(host, *args, **words)

    monkeypatch.setattr(socket, "getaddrinfo", only_numbers)
    found, _ = look({"/": (200, {})})
    assert found.outcome == "answers"


def test_where_one_address_of_a_site_does_not_answer_the_others_are_tried():
    networks = [ipaddress.ip_network("127.0.0.0/29"), ipaddress.ip_network("::1/128")]
    names = {"site.example": ["::1", "127.0.0.2", "127.0.0.1"]}
    found, asked = look({"/": (200, {})}, resolve=names.__getitem__, networks=networks)
    assert found.outcome == "answers"
    assert len(asked) == 1


def test_an_address_that_is_silent_leaves_time_for_the_others(monkeypatch):
    real, waited = socket.create_connection, []

    def connect(address, timeout):
        if address[0] == "127.0.0.2":
            waited.append(timeout)
            time.sleep(timeout)
            raise TimeoutError
        return real(address, timeout)

    monkeypatch.setattr(socket, "create_connection", connect)
    networks = [ipaddress.ip_network("127.0.0.0/29")]
    found, _ = look({"/": (200, {})}, resolve=lambda host: ["127.0.0.2", "127.0.0.1"], networks=networks, seconds=0.6)
    assert found.outcome == "answers"
    assert waited == [pytest.approx(0.3, abs=0.1)]


def test_an_internal_address_is_not_even_connected_to():
    with Site({"/": (200, {})}) as canary:
        urls = [f"http://127.0.0.1:{canary.port}/", f"http://localhost:{canary.port}/", f"http://0x7f.1:{canary.port}/"]
        guard = Guard(ports=[canary.port], resolve=lambda host: ["127.0.0.1"])
        found = Visitor(guard, "Test").look_at_all([*urls, f"http://rebound.example:{canary.port}/"])
        assert [one.outcome for one in found] == ["internal"] * 4
        assert canary.asked == []


def test_a_site_that_drips_is_left_in_time():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=_drip, args=[connection], daemon=True).start()

        threading.Thread(target=drip, daemon=True).start()
        port = server.getsockname()[1]
        guard = Guard(resolve=lambda host: ["127.0.0.1"], networks=HERE, ports=[port])
        began = time.monotonic()
        found = Visitor(guard, "Test", seconds=0.4).look(f"http://slow.example:{port}/")
        assert found.outcome == "fails"
        assert "did not answer within" in found.found
        assert time.monotonic() - began < 3


def test_what_does_not_answer_to_its_head_in_time_is_not_asked_again():
    def slow(method, path):
        time.sleep(0.6)
        return 200, {}

    with Site(slow) as site:
        found = visitor(site, seconds=0.2).look(f"http://site.example:{site.port}/")
        assert "did not answer within" in found.found
        time.sleep(0.3)
        assert [method for method, _, _ in site.asked] == ["HEAD"]


def _drip(connection):
    with connection:
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            for number in range(1000):
                connection.sendall(b"x")
                time.sleep(0.05)
                if number % 20 == 19:
                    connection.sendall(b": y\r\n")
        except OSError:
            pass


def test_a_closed_port_is_told():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    guard = Guard(resolve=lambda host: ["127.0.0.1"], networks=HERE, ports=[port])
    assert Visitor(guard, "Test").look(f"http://site.example:{port}/").outcome == "fails"


def test_a_name_without_addresses_is_dead():
    found, asked = look({}, resolve=lambda host: [])
    assert (found.outcome, asked) == ("dead", [])


@pytest.mark.parametrize(("host", "outcome"), [("127.0.0.1", "answers"), ("other.example", "fails")])
def test_a_certificate_must_be_of_the_name_in_the_link_whatever_address_it_has(host, outcome):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("tests/delivery/localhost.pem")
    with Site({"/": (200, {})}) as site:
        site.server.socket = context.wrap_socket(site.server.socket, server_side=True)
        trust = ssl.create_default_context(cafile="tests/delivery/localhost.pem")
        found = visitor(site, context=trust).look(f"https://{host}:{site.port}/")
        assert found.outcome == outcome
        assert ("certificate" in found.found) == (outcome == "fails")
        assert bool(site.asked) == (outcome == "answers")


def test_many_links_are_looked_at_in_their_order():
    pages = {f"/{number}": (200 if number % 2 else 404, {}) for number in range(20)}
    with Site(pages) as site:
        found = visitor(site).look_at_all([f"http://site.example:{site.port}/{number}" for number in range(20)])
    assert [one.outcome for one in found] == ["dead", "answers"] * 10
