"""Signatures of ours, verified by dkimpy."""

import re
import stat

import pytest
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.config import ConfigError
from crm.delivery import dkim, dkim_keys, outbox
from crm.delivery.compiled import Content, compile_content
from crm.site import dkim_commands
from tests.delivery.test_compiled import PRINTABLE
from tests.delivery.verifying import make_keys, verified, zone_of

SENDER = "Coalición <news@bridgeway.example>"
HEAD = (
    "To: amina@mail.example\r\nMessage-ID: <1.a@bridgeway.example>\r\n"
    "List-Unsubscribe: <https://crm.example/unsubscribe/token>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
)
CONTENTS = [
    Content("Hello", "", "x", SENDER),
    Content("Hello", "", "", SENDER),
    Content("Hello", "<p>x</p>", "", SENDER),
    Content("Hello", "", "{{ name }}", SENDER),
    Content("Hello", "", "\n\n  \t x  \t \n\n\n", SENDER),
    Content("Hello", "", ".\n..\n .\n.x\n", SENDER),
    Content("Hello {{ name }}", "<p>{{ name }}</p>\n\n", "{{ name }}{{ name }}\n", SENDER, "bulk", "research"),
    Content("日本 " * 40, "<style>p { color: red }</style><p>a   b</p>", "é\t\t{{ name }}  \n.", SENDER, "bulk", "x"),
    Content("a", "<p>x</p>", "y", SENDER, reply_to="Ü <r@b.example>", headers={"X-Long": "word " * 60}),
]


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return make_keys(tmp_path_factory.mktemp("keys"))


def signed(content: Content, keys, **values: str) -> bytes:
    """Return the mail as the receiver gets it."""
    compiled = compile_content(content)
    wire = compiled.render(HEAD.encode(), values, compiled.seal(dkim.Signer(keys), "bridgeway.example"))
    return wire.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("name", ["", "Amina", ". x  y\t", "a\r\n.\r\nb", "é" * 200])
def test_both_signatures_of_every_mail_hold(content, name, keys):
    raw = signed(content, keys, name=name)
    assert verified(raw, zone_of(keys, "bridgeway.example")) == [True, True]
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=PRINTABLE, value=st.text(max_size=60), after=PRINTABLE)
def test_whatever_is_written_the_signature_holds(before, value, after, keys):
    before, after = before.replace("{", ""), after.replace("{", "")
    content = Content(
        f"{before[:60]}{{{{ name }}}}", f"<p>{{{{ name }}}}  {after}", f"{before}{{{{ name }}}}{after}", SENDER
    )
    assert verified(signed(content, keys[1:], name=value), zone_of(keys, "bridgeway.example")) == [True]


def test_any_change_to_what_is_signed_breaks_every_signature(keys):
    zone = zone_of(keys, "bridgeway.example")
    raw = signed(CONTENTS[6], keys, name="Amina")
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = re.sub(rb"\r\n[ \t]+", b" ", head).split(b"\r\n")
    kept = [line for line in lines if not line.lower().startswith(b"dkim-signature")]
    signatures = head[: head.index(b"Date:")]
    assert verified(signatures + b"\r\n".join(kept) + b"\r\n\r\n" + body, zone) == [True, True]
    for place, line in enumerate(kept):
        name = line.partition(b":")[0].decode().lower()
        changed = [*kept[:place], line + b"x", *kept[place + 1 :]]
        gone = [*kept[:place], *kept[place + 1 :]]
        expected = [name not in dkim.SIGNED] * 2
        for version in (changed, gone):
            assert verified(signatures + b"\r\n".join(version) + b"\r\n\r\n" + body, zone) == expected, line
    assert {b"precedence"} == {line.partition(b":")[0].lower() for line in kept} - {n.encode() for n in dkim.SIGNED}
    for more in (b"From: evil@mail.example", b"Subject: x", b"To: x@y.example", b"Reply-To: x@y.example"):
        for version in ([more, *kept], [*kept, more]):
            assert verified(signatures + b"\r\n".join(version) + b"\r\n\r\n" + body, zone) == [False, False], more
    assert verified(raw.replace(b"Amina", b"Amino"), zone) == [False, False]
    assert verified(raw + b"more\r\n", zone) == [False, False]


def test_the_signature_says_what_receivers_want(keys):
    raw = signed(CONTENTS[6], keys[:1], name="x").decode()
    tags = dict(re.findall(r"(\w+)=([^;]*)", re.sub(r"\s", "", raw.partition("Date:")[0].partition(":")[2])))
    assert "l" not in tags
    assert (tags["a"], tags["c"], tags["d"]) == ("rsa-sha256", "relaxed/relaxed", "bridgeway.example")
    listed = tags["h"].split(":")
    assert listed.count("from") == 2
    assert {"list-unsubscribe", "list-unsubscribe-post", "list-id", "message-id", "date", "to"} <= set(listed)
    assert not {"return-path", "received", "comments", "keywords"} & set(listed)


@pytest.mark.parametrize(
    ("sender", "setting", "expected"),
    [
        ("bridgeway.example", "", "bridgeway.example"),
        ("news.bridgeway.example", "bridgeway.example", "bridgeway.example"),
        ("bridgeway.example", "mail.bridgeway.example", "mail.bridgeway.example"),
        ("bridgeway.example", "other.example", "bridgeway.example"),
        ("evilbridgeway.example", "bridgeway.example", "evilbridgeway.example"),
        ("bridgeway.example", "example", "bridgeway.example"),
    ],
)
def test_the_signing_domain_is_aligned_with_the_sender(sender, setting, expected):
    assert dkim.signing_domain(sender, setting) == expected


def test_mail_through_the_whole_path_is_signed_with_the_key_of_the_settings(app, sink, deliver, tmp_path):
    rsa, ed = make_keys(tmp_path)
    app.config.update(
        DKIM_PRIVATE_KEY=(tmp_path / "rsa.pem").read_text(),
        DKIM_SELECTOR=rsa.selector,
        DKIM_ED25519_PRIVATE_KEY=(tmp_path / "ed.pem").read_text().replace("\n", "\\n"),
        DKIM_ED25519_SELECTOR=ed.selector,
    )
    message = outbox.write("s", "<p>x</p>", "x", sender="A <n@news.example>", kind="bulk", list_id="research")
    outbox.queue(message, "amina@mail.example", contact_id=7)
    deliver()
    assert verified(sink["amina@mail.example"].raw, zone_of([rsa, ed], "news.example")) == [True, True]


@pytest.mark.parametrize("values", [{}, {"MAIL_PROVIDER": "ses", "DKIM_PRIVATE_KEY": "key"}])
def test_without_a_key_or_through_a_provider_that_signs_itself_nothing_is_signed(app, sink, deliver, tmp_path, values):
    make_keys(tmp_path)
    key = {"DKIM_PRIVATE_KEY": (tmp_path / "rsa.pem").read_text()} if "DKIM_PRIVATE_KEY" in values else {}
    app.config.update(values | key)
    outbox.queue(outbox.write("s", "", "x", sender="A <n@news.example>"), "amina@mail.example")
    deliver()
    assert "DKIM-Signature" not in sink["amina@mail.example"].message


@pytest.mark.parametrize("text", ["nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
def test_a_key_that_is_none_is_named(bare_app, text):
    with pytest.raises(ConfigError, match="DKIM_PRIVATE_KEY"):
        dkim.signer(bare_app.config | {"DKIM_PRIVATE_KEY": text})


def test_keygen_makes_a_key_file_that_only_its_owner_reads_and_prints_the_record(app, tmp_path):
    def run(*words: str) -> Result:
        return app.test_cli_runner().invoke(dkim_commands.keygen, words)

    done = run("--selector", "one", "--domain", "bücher.example")
    path = tmp_path / "dkim-one.pem"
    key = dkim.Key(dkim.read("x", path.read_text(), dkim.rsa.RSAPrivateKey), "one")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert done.stdout.startswith("one._domainkey.xn--bcher-kva.example. IN TXT ( ")
    strings = re.findall(r'"([^"]*)"', done.stdout)
    assert "".join(strings) == dkim_keys.record(key)
    assert max(map(len, strings)) <= 255
    assert f"DKIM_PRIVATE_KEY_FILE={path}" in done.stderr
    assert run("--selector", "one").exit_code == 1
    assert run("--selector", "no good").exit_code == 1
    second = run("--ed25519").stdout
    assert second.startswith("groundswell-ed._domainkey.bridgeway.example. IN TXT ")
    assert "k=ed25519" in second
