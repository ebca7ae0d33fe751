"""Calls of the mail providers: proved, read, and acted on once."""

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from sqlalchemy import func, select

from crm.base import clock
from crm.delivery import suppression
from crm.delivery.bounces.models import Bounce
from crm.delivery.bounces.webhooks import ses
from crm.extensions import db
from tests.delivery.bounces.samples import sent

AMINA = "amina@mail.example"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:bounces"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a1b.pem"
CONFIRM = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=x&Token=y"
RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
SECRETS = {
    "SES_TOPIC_ARN": TOPIC,
    "POSTMARK_WEBHOOK_SECRET": "postmark's password",
    "SENDGRID_WEBHOOK_KEY": base64.b64encode(
        EC_KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    ).decode(),
    "MAILGUN_WEBHOOK_KEY": "mailgun's key",
}
PROVIDERS = ["ses", "postmark", "sendgrid", "mailgun"]


def make_certificate(days: int = 30) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(RSA_KEY.public_key())
    builder = builder.serial_number(1).not_valid_before(clock.now() - timedelta(days=60))
    made = builder.not_valid_after(clock.now() + timedelta(days=days)).sign(RSA_KEY, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def fetched(app, monkeypatch):
    """All secrets are set; what is fetched from Amazon is noted, and answered with the certificate."""
    app.config.update(SECRETS)
    asked = []

    def fetch(url):
        asked.append(url)
        return make_certificate()

    ses._certificate.cache_clear()
    monkeypatch.setattr(ses, "fetch", fetch)
    yield asked
    ses._certificate.cache_clear()


def sns(inner: dict, version: str = "2", **changes: str) -> dict:
    """Return a signed notification of SNS; changes are made after signing."""
    kind = inner.pop("Type", "Notification")
    data = {
        "Type": kind,
        "MessageId": hashlib.sha256(json.dumps(inner).encode()).hexdigest(),
        "TopicArn": TOPIC,
        "Message": json.dumps(inner),
        "Timestamp": "2026-11-22T09:00:00.000Z",
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE,
    }
    if kind != "Notification":
        data |= {"Token": "y", "SubscribeURL": CONFIRM}
    names = sorted({"Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"} & set(data))
    text = "".join(f"{name}\n{data[name]}\n" for name in names).encode()
    algorithm = hashes.SHA1() if version == "1" else hashes.SHA256()
    data["Signature"] = base64.b64encode(RSA_KEY.sign(text, padding.PKCS1v15(), algorithm)).decode()
    return data | changes


def call(client, provider: str, event: dict, **changes):
    """Call as the provider does, with its proof; changes spoil the proof."""
    if provider == "ses":
        return client.post("/webhooks/ses", data=json.dumps(sns(event, **changes)), content_type="text/plain")
    if provider == "postmark":
        return client.post("/webhooks/postmark", json=event, auth=("x", changes.get("password", "postmark's password")))
    if provider == "sendgrid":
        body = json.dumps([event]).encode()
        stamp = "1790000000"
        signature = base64.b64encode(EC_KEY.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()
        head = {
            "X-Twilio-Email-Event-Webhook-Signature": changes.get("signature", signature),
            "X-Twilio-Email-Event-Webhook-Timestamp": changes.get("stamp", stamp),
        }
        return client.post("/webhooks/sendgrid", data=changes.get("body", body), headers=head)
    stamp, token = str(int(time.time()) - changes.get("age", 0)), changes.get("token", json.dumps(event)[:400])
    signature = hmac.new(b"mailgun's key", f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    proof = {"timestamp": stamp, "token": token, "signature": changes.get("signature", signature)}
    return client.post("/webhooks/mailgun", json={"signature": proof, "event-data": event})


def tag(delivery) -> str:
    return f"{delivery.id}-{delivery.uuid}"


def bounce(
    provider: str, mark: str, words: str = "550 5.1.1 user unknown", address: str = AMINA, name: str = "1"
) -> dict:
    """Return a permanent failure as the provider tells it."""
    status = next((word for word in words.split() if word.count(".") == 2), "")
    if provider == "ses":
        person = {"emailAddress": address, "status": status, "diagnosticCode": f"smtp; {words}", "action": "failed"}
        told = {
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "feedbackId": name,
            "bouncedRecipients": [person],
        }
        return {"notificationType": "Bounce", "bounce": told, "mail": {"messageId": "x", "tags": {"delivery": [mark]}}}
    if provider == "postmark":
        told = {"ID": int(name), "Type": "HardBounce", "Email": address, "Details": f"smtp;{words}"}
        return {"RecordType": "Bounce", **told, "Metadata": {"delivery": mark}}
    if provider == "sendgrid":
        told = {"email": address, "status": status, "reason": words, "type": "bounce", "sg_event_id": name}
        return {"event": "bounce", **told, "delivery": mark}
    said = {"code": int(words[:3]), "enhanced-code": status, "message": words[4:]}
    return {
        "event": "failed", "severity": "permanent", "id": name, "recipient": address, "delivery-status": said,
        "user-variables": {"delivery": mark},
    }  # fmt: skip


def complaint(provider: str, mark: str) -> dict:
    if provider == "ses":
        told = {"complainedRecipients": [{"emailAddress": AMINA}], "feedbackId": "c", "complaintFeedbackType": "abuse"}
        return {"eventType": "Complaint", "complaint": told, "mail": {"tags": {"delivery": [mark]}}}
    if provider == "postmark":
        return {"RecordType": "SpamComplaint", "ID": 9, "Email": AMINA, "Metadata": {"delivery": mark}}
    if provider == "sendgrid":
        return {"event": "spamreport", "email": AMINA, "sg_event_id": "c", "delivery": mark}
    return {"event": "complained", "id": "c", "recipient": AMINA, "user-variables": {"delivery": mark}}


def rows() -> list[tuple[str, str, str]]:
    found = db.session.execute(select(Bounce.kind, Bounce.attribution, Bounce.effect).order_by(Bounce.id))
    return [tuple(row) for row in found]


each = pytest.mark.parametrize("provider", PROVIDERS)


@each
def test_a_hard_bounce_suppresses_once_however_often_it_is_told(app, client, fetched, provider):
    event = bounce(provider, tag(sent()), address="she-forwards@else.example")
    for _ in range(3):
        assert call(client, provider, dict(event)).status_code == 200
    assert rows() == [("hard", "metadata", "suppressed")]
    assert suppression.reasons(AMINA) == {"*": "hard_bounce"}


@each
def test_a_complaint_suppresses_everywhere(app, client, fetched, provider):
    assert call(client, provider, complaint(provider, tag(sent()))).status_code == 200
    assert suppression.reasons(AMINA) == {"*": "complaint"}


@each
@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("552 5.2.2 over quota", "soft"),
        ("451 4.4.1 no answer", "soft"),
        ("550 5.7.1 refused", "block"),
        ("554 5.7.26 unauthenticated", "block"),
        ("550 mailbox full", "soft"),
    ],
)
def test_what_the_provider_calls_permanent_is_looked_at_again(app, client, fetched, provider, words, kind):
    call(client, provider, bounce(provider, tag(sent()), words))
    assert rows() == [(kind, "metadata", "counted")]
    assert suppression.reasons(AMINA) == {}


@each
def test_nobody_is_suppressed_by_a_mark_that_is_not_ours(app, client, fetched, provider):
    sent("someone@mail.example")
    call(client, provider, bounce(provider, f"1-{'0' * 32}"))
    assert rows() == [("hard", "none", "nothing")]
    assert suppression.reasons(AMINA) == {}


@each
def test_without_its_secret_a_provider_is_not_known(app, client, fetched, provider):
    for name in SECRETS:
        app.config[name] = None
    assert call(client, provider, bounce(provider, "")).status_code == 404
    assert client.post("/webhooks/elsewhere").status_code == 404
    assert client.get(f"/webhooks/{provider}").status_code == 405


SPOILED = [
    ("ses", {"Message": "{}"}),
    ("ses", {"Signature": base64.b64encode(b"x" * 256).decode()}),
    ("ses", {"Signature": "?"}),
    ("ses", {"TopicArn": TOPIC + "x"}),
    ("ses", {"SignatureVersion": "3"}),
    ("ses", {"Timestamp": "2027-01-01T00:00:00.000Z"}),
    ("postmark", {"password": ""}),
    ("postmark", {"password": "postmark's passworD"}),
    ("sendgrid", {"body": b"[]"}),
    ("sendgrid", {"stamp": "1790000001"}),
    ("sendgrid", {"signature": "AAAA"}),
    ("sendgrid", {"signature": ""}),
    ("mailgun", {"signature": "0" * 64}),
    ("mailgun", {"signature": ""}),
    ("mailgun", {"age": 3600}),
    ("mailgun", {"age": -3600}),
]


@pytest.mark.parametrize(("provider", "changes"), SPOILED)
def test_a_call_that_is_not_proved_is_refused(app, client, fetched, provider, changes):
    answer = call(client, provider, bounce(provider, tag(sent())), **changes)
    assert answer.status_code == 403
    assert rows() == [] and suppression.reasons(AMINA) == {}


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a1b.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-0a1b.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a1b.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-0a1b.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-0a1b.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0a1b.pem",
        "https://bucket.s3.amazonaws.com/SimpleNotificationService-0a1b.pem",
        "https://sns.eu-west-1.amazonaws.com/../evil.pem",
        "file:///etc/passwd",
        "https://[::1/x.pem",
        "",
    ],
)
def test_certificates_are_fetched_from_amazon_alone(app, client, fetched, url):
    assert call(client, "ses", bounce("ses", ""), SigningCertURL=url).status_code == 403
    assert fetched == []


@pytest.mark.parametrize("version", ["1", "2"])
def test_both_kinds_of_signature_of_amazon_are_known(app, client, fetched, version):
    assert call(client, "ses", bounce("ses", tag(sent())), version=version).status_code == 200
    assert rows() == [("hard", "metadata", "suppressed")]
    assert fetched == [CERTIFICATE]


def test_a_certificate_out_of_its_time_is_refused(app, client, fetched, monkeypatch):
    monkeypatch.setattr(ses, "fetch", lambda url: make_certificate(days=-1))
    assert call(client, "ses", bounce("ses", tag(sent()))).status_code == 403


def test_the_subscription_of_our_topic_is_confirmed_and_of_no_other(app, client, fetched):
    confirmation = {"Type": "SubscriptionConfirmation"}
    assert call(client, "ses", dict(confirmation)).status_code == 200
    assert fetched == [CERTIFICATE, CONFIRM]
    assert call(client, "ses", dict(confirmation), TopicArn="arn:aws:sns:eu-west-1:666:x").status_code == 403
    assert call(client, "ses", dict(confirmation), SubscribeURL="https://evil.example/").status_code == 403
    assert fetched == [CERTIFICATE, CONFIRM]


def test_an_answer_of_amazon_that_does_not_come_is_told(app, client, fetched, monkeypatch):
    def away(url):
        raise OSError("no route")

    monkeypatch.setattr(ses, "fetch", away)
    assert call(client, "ses", bounce("ses", "")).status_code == 403


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (602, "Too old"),
        (498, "No MX for mail.example"),
        (499, "timeout"),
        (605, "Not delivering to previously bounced address"),
        (0, ""),
        ("", "user unknown"),
        (450, "Failed too often"),
        (550, ""),
    ],
)
def test_what_mailgun_tells_without_a_refusal_of_the_address_leaves_the_address_alive(
    app, client, fetched, code, words
):
    event = bounce("mailgun", tag(sent())) | {"delivery-status": {"code": code, "message": words}}
    call(client, "mailgun", event)
    assert rows() == [("soft", "metadata", "counted")]
    assert suppression.reasons(AMINA) == {}


@pytest.mark.parametrize("provider", ["sendgrid", "mailgun"])
def test_whom_a_provider_has_on_its_list_of_bounces_gets_nothing_more(app, client, fetched, provider):
    event = bounce(provider, tag(sent()), "500 5.0.0 Bounced Address")
    told = {"event": "dropped", "reason": "Bounced Address", "status": "5.0.0"}
    event |= told if provider == "sendgrid" else {"reason": "suppress-bounce"}
    call(client, provider, event)
    assert rows() == [("hard", "metadata", "suppressed")]


def test_what_sendgrid_drops_for_our_own_fault_blames_nobody(app, client, fetched):
    event = bounce("sendgrid", tag(sent()), "") | {"event": "dropped", "reason": "Invalid SMTPAPI header"}
    assert call(client, "sendgrid", event).status_code == 200
    assert rows() == [] and suppression.reasons(AMINA) == {}


def test_postmark_may_bring_its_secret_in_the_url(app, client, fetched):
    event = bounce("postmark", tag(sent()))
    answer = client.post("/webhooks/postmark", query_string={"secret": "postmark's password"}, json=event)
    assert answer.status_code == 200 and len(rows()) == 1


def test_a_token_of_mailgun_counts_once_whatever_is_sent_with_it(app, client, fetched):
    other = sent("berta@mail.example")
    delivered = {"event": "delivered", "id": "d", "recipient": AMINA}
    assert call(client, "mailgun", delivered, token="t1").status_code == 200
    assert call(client, "mailgun", bounce("mailgun", tag(other)), token="t1").status_code == 200
    assert rows() == []
    with time_machine.travel(datetime(2026, 11, 29, 23, 59, 59, tzinfo=UTC), tick=False) as now:
        call(client, "mailgun", delivered, token="late")
        now.shift(2)  # Another day, and another stamp.
        assert call(client, "mailgun", bounce("mailgun", tag(other)), token="late").status_code == 200
        assert rows() == []
    call(client, "mailgun", bounce("mailgun", tag(sent()), "451 4.4.1 later"), token="t2")
    call(client, "mailgun", bounce("mailgun", tag(other)), token="t2")
    assert suppression.reasons("berta@mail.example") == {}


def test_a_list_of_many_events_is_taken_whole(app, client, fetched):
    people = [sent(f"person{number}@mail.example") for number in range(60)]
    events = [bounce("sendgrid", tag(one), address=one.address, name=one.address) for one in people]
    noise = [{"event": "delivered"}, {"event": "open"}, 7, None, {"event": ["bounce"]}]
    body = json.dumps([*events, *noise]).encode()
    signature = base64.b64encode(EC_KEY.sign(b"1" + body, ec.ECDSA(hashes.SHA256()))).decode()
    head = {
        "X-Twilio-Email-Event-Webhook-Signature": signature,
        "X-Twilio-Email-Event-Webhook-Timestamp": "1",
    }
    for _ in range(2):
        assert client.post("/webhooks/sendgrid", data=body, headers=head).status_code == 200
    assert db.session.scalar(select(func.count()).select_from(Bounce)) == 60
    assert suppression.reasons("person59@mail.example") == {"*": "hard_bounce"}


def test_delays_vacations_and_praise_do_nothing(app, client, fetched):
    mark = tag(sent())
    delay = {"delayedRecipients": [{"emailAddress": AMINA, "status": "4.4.1"}]}
    call(client, "ses", {"eventType": "DeliveryDelay", "deliveryDelay": delay, "mail": {"tags": {"delivery": [mark]}}})
    praise = complaint("ses", mark)
    praise["complaint"] |= {"complaintFeedbackType": "not-spam"}
    call(client, "ses", praise)
    away = {"RecordType": "Bounce", "ID": 5, "Type": "AutoResponder", "Email": AMINA, "Metadata": {"delivery": mark}}
    call(client, "postmark", away)
    call(client, "sendgrid", {"event": "deferred", "email": AMINA, "response": "451 4.7.1 later", "delivery": mark})
    call(client, "mailgun", {"event": "failed", "severity": "temporary", "recipient": AMINA, "delivery-status": None})
    assert {effect for _, _, effect in rows()} == {"nothing"}
    assert suppression.reasons(AMINA) == {}


@each
def test_no_shape_of_an_event_raises(app, client, fetched, provider):
    hostile = [
        "\ud800\x00<script>",
        "a\x00@b.example",
        "\ud800@b.example",
        [],
        {},
        7,
        None,
        True,
        1e308,
        "x" * 3000,
        [[[]]],
        {"a": {"b": []}},
    ]

    def spoiled(value, piece):
        if isinstance(value, dict):
            return [{**value, name: one} for name in value for one in [piece, *spoiled(value[name], piece)]]
        return [piece]

    for piece in hostile:
        for event in [*spoiled(bounce(provider, "1-" + "a" * 32), piece), *spoiled(complaint(provider, "x"), piece)]:
            assert call(client, provider, event).status_code in (200, 400)


@each
def test_a_call_that_is_too_long_or_no_json_is_refused(app, client, fetched, provider):
    long = client.post(f"/webhooks/{provider}", data=b"[" * (2 * 1024 * 1024 + 1), auth=("x", "postmark's password"))
    assert long.status_code == 413
    deep = client.post(f"/webhooks/{provider}", data=b"[" * 100_000, auth=("x", "postmark's password"))
    assert deep.status_code in (400, 403)
