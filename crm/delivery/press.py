"""Prints letters: compiles each message once, and makes the envelope and the headers of each delivery."""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm.base import signing
from crm.base.database import reading
from crm.delivery import dkim, merge_fields, providers, unsubscribing
from crm.delivery.addresses import ascii_domain, wire_form
from crm.delivery.compiled import Compiled, Content, compile_content
from crm.delivery.envelope import PURPOSE, bounce_local_part
from crm.delivery.letter import Letter
from crm.delivery.mime import mailbox
from crm.delivery.models import Message

KEPT = 64  # compiled messages
NO_TAG = re.compile(r"[^a-zA-Z0-9_-]+")


class Unprintable(ValueError):
    """This letter can never be sent, whoever tries."""


@dataclass
class Plate:
    """A compiled message, and what its deliveries have in common."""

    compiled: Compiled
    seal: dkim.Seal | None
    sender_address: str
    domain: str
    is_bulk: bool
    list_id: str


@dataclass
class Printed:
    """A letter as it goes over the wire."""

    envelope: list[bytes]
    content: bytes


class Press:
    """Prints for one worker process. Needs an application context."""

    def __init__(self, app: Flask, engine: Engine) -> None:
        self.engine = engine
        self.public_url = ascii_url(app.config["PUBLIC_URL"])
        self.list_domain = urlsplit(self.public_url).hostname or "localhost"
        self.bounce_domain = ascii_domain(app.config["BOUNCE_DOMAIN"]) if app.config["BOUNCE_DOMAIN"] else ""
        self.signer = dkim.signer(app.config)
        self.bounce_key = signing.key(PURPOSE)
        self.leaving_key = signing.key(unsubscribing.PURPOSE)
        self.reads_mail = bool(self.bounce_domain and app.config["BOUNCE_MAILBOX"])
        self.provider_header = providers.HEADERS.get(app.config["MAIL_PROVIDER"])
        self._plates: OrderedDict[int, Plate] = OrderedDict()
        self._sign: Callable[[str, str], str] = signing.sign

    def print(self, letter: Letter, smtputf8: bool) -> Printed:
        """Return the letter, ready for the wire. Raises Unprintable, or DBAPIError where the text cannot be read."""
        try:
            plate = self.plate(letter.message_id)
            address, needs_utf8 = wire_form(letter.address)
        except ValueError as error:
            raise Unprintable(str(error)) from error
        if needs_utf8 and not smtputf8:
            raise Unprintable(f"the mail server takes no address like {letter.address} (SMTPUTF8, RFC 6531)")
        values = {name: str(value) for name, value in (letter.merge or {}).items() if value is not None}
        head = [f"To: {address}\r\nMessage-ID: <{letter.id}.{letter.uuid}@{plate.domain}>\r\n"]
        if self.provider_header:
            head.append(self.provider_header % (letter.id, letter.uuid))
        if plate.is_bulk and letter.contact_id is not None:
            link = f"{self.public_url}/unsubscribe/{self._sign('unsubscribe', f'{letter.contact_id}:{plate.list_id}')}"
            by_mail = self._by_mail(letter.contact_id, plate.list_id)
            head.append(f"List-Unsubscribe: <{link}>{by_mail}\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")
            values["unsubscribe_url"] = link
            if "preferences_url" in plate.compiled.names:
                values["preferences_url"] = (
                    f"{self.public_url}/preferences/{self._sign('preferences', str(letter.contact_id))}"
                )
            if merge_fields.KNOWN_BY in plate.compiled.names:
                values[merge_fields.KNOWN_BY] = self._sign(
                    merge_fields.KNOWN_BY, signing.with_date(str(letter.contact_id))
                )
        sender = self._envelope_sender(letter, plate)
        mail = f"MAIL FROM:<{sender}>{' BODY=8BITMIME SMTPUTF8' if needs_utf8 else ''}\r\n"
        envelope = [mail.encode("ascii"), f"RCPT TO:<{address}>\r\n".encode(), b"DATA\r\n"]
        try:
            return Printed(envelope, plate.compiled.render("".join(head).encode(), values, plate.seal))
        except ValueError as error:  # A value that cannot be encoded, such as half of a pair of surrogates.
            raise Unprintable(str(error)) from error

    def plate(self, message_id: int) -> Plate:
        """Return the compiled message; the last ones used are kept."""
        plate = self._plates.get(message_id)
        if plate is None:
            plate = self._plates[message_id] = self._compile(message_id)
            if len(self._plates) > KEPT:
                self._plates.popitem(last=False)
        else:
            self._plates.move_to_end(message_id)
        return plate

    def _compile(self, message_id: int) -> Plate:
        with reading(), Session(self.engine) as session:
            message = session.execute(select(Message).where(Message.id == message_id)).scalar_one()
            content = Content(
                message.subject,
                message.html,
                message.text,
                message.sender,
                message.kind,
                message.list_id,
                message.headers,
                message.reply_to,
                message.calendar,
            )
        if message.kind == "bulk":
            content = replace(content, headers={**content.headers, "Feedback-ID": self._feedback_id(message)})
        compiled = compile_content(content, self.list_domain)
        address = mailbox(message.sender)[1]
        domain = address.rpartition("@")[2]
        seal = compiled.seal(self.signer, domain) if self.signer else None
        return Plate(compiled, seal, address, domain, message.kind == "bulk", message.list_id)

    def _feedback_id(self, message: Message) -> str:
        """Gmail's Postmaster Tools count complaints by it: mailing, list, kind, and 5 to 15 signs of the sender."""
        sender_id = hashlib.sha256(self.list_domain.encode()).hexdigest()[:12]
        return f"{message.id}:{NO_TAG.sub('-', message.list_id)[:32] or 'all'}:bulk:{sender_id}"

    def _by_mail(self, contact_id: int, list_id: str) -> str:
        """Return the second way to leave, the less preferred one (RFC 2369 §2); "" where nobody reads the mail."""
        if not self.reads_mail:
            return ""
        local_part = unsubscribing.local_part(contact_id, list_id, self.leaving_key)
        return f", <mailto:{local_part}@{self.bounce_domain}?subject=unsubscribe>"

    def _envelope_sender(self, letter: Letter, plate: Plate) -> str:
        if not self.bounce_domain:
            return plate.sender_address
        return f"{bounce_local_part(letter.id, letter.uuid, self.bounce_key)}@{self.bounce_domain}"


def ascii_url(url: str) -> str:
    """Return the URL with its host as A-labels; raises BadAddress."""
    if url.isascii():
        return url
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=ascii_domain(parts.hostname or "") + port).geturl()
