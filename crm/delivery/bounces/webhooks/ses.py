"""Amazon SES tells by Amazon SNS: bounces, complaints and delays, each signed with a certificate of SNS.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
"""

import base64
import logging
import re
import ssl
import urllib.request
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from flask import Request, current_app

from crm.base import clock
from crm.delivery.bounces.reports import Finding
from crm.delivery.bounces.webhooks import events
from crm.delivery.bounces.webhooks.events import Event, Malformed, Refused, rows, text

log = logging.getLogger(__name__)

SETTING = "SES_TOPIC_ARN"
HOST = re.compile(r"sns\.([a-z0-9-]{3,30})\.amazonaws\.com(\.cn)?")
CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-zA-Z]{1,80}\.pem")
SIGNED = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
OF_NOTIFICATION = frozenset(SIGNED) - {"SubscribeURL", "Token"}
OF_CONFIRMATION = frozenset(SIGNED) - {"Subject"}
HASHES: dict[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303  Amazon's choice.
GONE_WITHOUT_WORDS = frozenset({"NoEmail", "Suppressed", "OnAccountSuppressionList"})
UNWANTED = frozenset({"ContentRejected", "AttachmentRejected"})
LONGEST_ANSWER = 64 * 1024
TIMEOUT = 5  # seconds


def read(request: Request) -> list[Event]:
    """Return the events of a call of SNS; the subscription of our own topic is confirmed. Raises Refused, Malformed."""
    data = events.load(request.get_data())
    if not isinstance(data, dict):
        raise Malformed("no object")
    _require_signature(data)
    if text(data, "Type") == "SubscriptionConfirmation":
        _get(text(data, "SubscribeURL"))
    if text(data, "Type") != "Notification":
        return []
    inner = events.load(text(data, "Message").encode("utf-8", "replace"))
    return _events(inner, text(data, "MessageId")) if isinstance(inner, dict) else []


def fetch(url: str) -> bytes:
    """Return what stands at an https URL of Amazon; follows no redirect. Raises OSError. Tests put another in place."""
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=ssl.create_default_context()), _NoRedirect()
    )
    with opener.open(url, timeout=TIMEOUT) as answer:
        return bytes(answer.read(LONGEST_ANSWER))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _require_signature(data: dict[str, Any]) -> None:
    if text(data, "TopicArn") != current_app.config[SETTING]:
        raise Refused("another topic")
    names = OF_NOTIFICATION if text(data, "Type") == "Notification" else OF_CONFIRMATION
    signed = "".join(f"{name}\n{data[name]}\n" for name in SIGNED if name in names and isinstance(data.get(name), str))
    algorithm = HASHES.get(text(data, "SignatureVersion"))
    key = _key(text(data, "SigningCertURL"))
    if algorithm is None:
        raise Refused("an unknown kind of signature")
    try:
        signature = base64.b64decode(text(data, "Signature"), validate=True)
        key.verify(signature, signed.encode("utf-8", "replace"), padding.PKCS1v15(), algorithm)
    except (ValueError, InvalidSignature) as error:
        raise Refused("a wrong signature") from error


def _key(url: str) -> rsa.RSAPublicKey:
    if not CERTIFICATE.fullmatch(urlsplit(_of_amazon(url)).path):
        raise Refused("no certificate of Amazon SNS")
    certificate = _certificate(url)
    if not certificate.not_valid_before_utc <= clock.now() <= certificate.not_valid_after_utc:
        raise Refused("a certificate out of its time")
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise Refused("a certificate without an RSA key")
    return key


@lru_cache(maxsize=8)
def _certificate(url: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(fetch(url))
    except (OSError, ValueError) as error:
        raise Refused(f"no certificate at {url}") from error


def _get(url: str) -> None:
    try:
        fetch(_of_amazon(url))
    except OSError as error:
        raise Malformed("the subscription could not be confirmed") from error
    log.info("the subscription of %s is confirmed", current_app.config[SETTING])


def _of_amazon(url: str) -> str:
    """Return an URL of SNS in our topic's region; of others nobody makes us ask. Raises Refused."""
    region = (current_app.config[SETTING].split(":") + [""] * 4)[3]
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise Refused("no address") from error
    host = HOST.fullmatch(parts.netloc)
    plain = url.isascii() and url.isprintable() and " " not in url
    if not (plain and parts.scheme == "https" and host and host[1] == region):
        raise Refused("an address that is not of Amazon SNS")
    return url


def _events(data: dict[str, Any], message_id: str) -> list[Event]:
    kind = text(data, "notificationType") or text(data, "eventType")
    found: list[Finding] = []
    name = message_id
    if kind == "Bounce":
        found = [_bounced(data["bounce"], row) for row in rows(data, "bounce", "bouncedRecipients")]
        name = text(data, "bounce", "feedbackId") or name
    elif kind == "Complaint":
        feedback = text(data, "complaint", "complaintFeedbackType")
        people = rows(data, "complaint", "complainedRecipients")
        found = [events.complaint(text(row, "emailAddress"), feedback) for row in people]
        name = text(data, "complaint", "feedbackId") or name
    elif kind == "DeliveryDelay":
        people = rows(data, "deliveryDelay", "delayedRecipients")
        found = [_refused(events.LATER, row) for row in people]
    return [Event(name, found, data)] if found else []


def _bounced(bounce: dict[str, Any], row: dict[str, Any]) -> Finding:
    subtype = text(bounce, "bounceSubType")
    if subtype in UNWANTED:
        return _refused(events.UNWANTED, row)
    said = text(row, "status") or text(row, "diagnosticCode")
    permanent = text(bounce, "bounceType") == "Permanent" and (said or subtype in GONE_WITHOUT_WORDS)
    return _refused(events.GONE if permanent else events.TRIED, row)


def _refused(says: str, row: dict[str, Any]) -> Finding:
    words = text(row, "diagnosticCode").partition(";")[2] or text(row, "diagnosticCode")
    return events.refusal(says, text(row, "emailAddress"), text(row, "status"), words)
