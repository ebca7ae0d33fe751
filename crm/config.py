"""Every setting: its name, its default and its meaning.

A setting NAME is what the first of these says: the environment's NAME, the file that the environment's NAME_FILE
names (for secrets), the NAME of `.env` beside this folder, the file that the NAME_FILE of `.env` names. What is empty
says nothing; where nothing is said, the default holds.
"""

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click import ClickException
from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent.parent

# Bounces are attributed for 30 days, links that make letters live 7, retries go on for 3.
LEAST_DAYS_KEPT = 30
PROVIDERS = ("ses", "postmark", "sendgrid", "mailgun")


class ConfigError(ClickException):
    """A setting has a value that cannot be used; the message names it and says what to do."""


def flag(text: str) -> bool:
    """Read yes or no as people write it; raises ValueError for anything else."""
    value = text.strip().lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ValueError("write true or false")


def number(text: str) -> int:
    """Read a whole number; raises ValueError for anything else."""
    try:
        return int(text)
    except ValueError:
        raise ValueError("write a whole number") from None


def at_least(least: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from that one on; it raises ValueError for anything else."""

    def read(text: str) -> int:
        if (found := number(text)) < least:
            raise ValueError(f"write {least} or more")
        return found

    return read


def days_kept(text: str) -> int:
    """Read for how many days deliveries are kept, 0 for good; raises ValueError for less than what asks for them."""
    days = number(text)
    if days != 0 and days < LEAST_DAYS_KEPT:
        raise ValueError(f"write {LEAST_DAYS_KEPT} or more, or 0 for good")
    return days


def provider(text: str) -> str:
    """Read the name of a mail provider; raises ValueError for one that we do not know."""
    if text not in PROVIDERS:
        raise ValueError(f"write one of {', '.join(PROVIDERS)}, or nothing")
    return text


@dataclass(frozen=True)
class Setting:
    """One setting: its name, its default as text, how it is read, and what it means."""

    name: str
    default: str | None
    read: Callable[[str], Any]
    meaning: str


SETTINGS = [
    Setting("DATABASE_URL", None, str, "PostgreSQL or SQLite; default: groundswell.sqlite3 in the instance folder"),
    Setting("INSTANCE_PATH", str(ROOT / "instance"), str, "folder of the SQLite file, uploads, journals and secrets"),
    Setting("SECRET_KEY", None, str, "signs links and sessions; default: made once and kept in the instance folder"),
    Setting("PUBLIC_URL", "http://127.0.0.1:5000", str, "the address that links in mail begin with"),
    Setting("DEVELOPMENT", "false", flag, "true shows the local mailbox; never on the open internet"),
    Setting("MAIL_SERVER", None, str, "SMTP relay; unset: `crm up` catches all mail in a local mailbox"),
    Setting("MAIL_PORT", "587", at_least(1), "port of the relay"),
    Setting("MAIL_USERNAME", None, str, "login at the relay"),
    Setting("MAIL_PASSWORD", None, str, "password at the relay"),
    Setting("MAIL_USE_TLS", "true", flag, "STARTTLS, required and verified; false permits plain SMTP"),
    Setting("MAIL_USE_SSL", "false", flag, "TLS from the first byte (port 465)"),
    Setting("MAIL_CA_FILE", None, str, "certificates to trust for the relay; default: those of the system"),
    Setting("MAIL_DEFAULT_SENDER", None, str, "sender before the setup page has named one"),
    Setting("BOUNCE_DOMAIN", None, str, "domain of the envelope sender that bounces return to (VERP)"),
    Setting("BOUNCE_MAILBOX", None, str, "imaps://user:password@host/INBOX or pop3s://…: where its mail comes to"),
    Setting("INBOUND_DOMAIN", None, str, "domain of the addresses for copies of mail that staff log, and for replies"),
    Setting(
        "INBOUND_MAILBOX", None, str, "imaps://… or pop3s://…, of its own: where that mail comes to; all is deleted"
    ),
    Setting("MAIL_PROVIDER", None, provider, "ses, postmark, sendgrid or mailgun: mail carries our id in its header"),
    Setting("SES_TOPIC_ARN", None, str, "the SNS topic whose calls /webhooks/ses takes"),
    Setting("POSTMARK_WEBHOOK_SECRET", None, str, "the password of Postmark's calls at /webhooks/postmark"),
    Setting("SENDGRID_WEBHOOK_KEY", None, str, "SendGrid's verification key for its calls at /webhooks/sendgrid"),
    Setting("MAILGUN_WEBHOOK_KEY", None, str, "Mailgun's webhook signing key for its calls at /webhooks/mailgun"),
    Setting("DKIM_PRIVATE_KEY", None, str, "RSA key in PEM that signs all mail; make one with `crm dkim keygen`"),
    Setting("DKIM_SELECTOR", "groundswell", str, "selector of that key in the DNS"),
    Setting("DKIM_ED25519_PRIVATE_KEY", None, str, "second key, Ed25519, for a second signature"),
    Setting("DKIM_ED25519_SELECTOR", "groundswell-ed", str, "selector of the second key"),
    Setting("DKIM_DOMAIN", None, str, "d= of the signatures where the keys stand above or below the sender's domain"),
    Setting("POSTAL_ADDRESS", None, str, "postal address before the setup page has named one"),
    Setting("KEEP_PAGES_SECONDS", "8", at_least(0), "how old home and goal may be for strangers (10 at most); 0: new"),
    Setting("FORMS_RUSH", "600", at_least(0), "visitors' forms in five minutes from which each is checked; 0: never"),
    Setting("TRUSTED_PROXIES", "0", at_least(0), "how many reverse proxies set X-Forwarded-For"),
    Setting("WORKER_CONNECTIONS", "4", at_least(1), "SMTP connections of one worker process"),
    Setting("LEASE_SECONDS", "120", at_least(2), "how long a worker may hold a batch before others settle it"),
    Setting("SMTP_TIMEOUT", "30", at_least(1), "seconds that the relay may take for one answer"),
    Setting("KEEP_DELIVERIES_DAYS", "365", days_kept, "days until copies that are done are only counted; 0: never"),
    Setting(
        "KEEP_REPLIES_DAYS", "365", at_least(0), "days until the text of replies that are done is deleted; 0: never"
    ),
    Setting("APPROACH_NOTICE_DAYS", "14", at_least(0), "how near in days members are told of each other's approaches"),
    Setting("ASK_WHO_YOU_KNOW", "false", flag, "true: new supporters are asked which of those named for it they know"),
    Setting("ASK_REMIND_DAYS_BEFORE", "3", at_least(0), "how many days before it is due an ask's owner is reminded"),
    Setting("ASK_REMIND_DAYS_AFTER", "1", at_least(1), "how many days after that the owner is reminded once more"),
    Setting(
        "STALE_AFTER_DAYS", "45", at_least(1), "days of silence after which an influencer is stale; stages may differ"
    ),
    Setting("BACKUP_FOLDER", None, str, "where `crm backup create` writes; default: backups in the instance folder"),
    Setting("METRICS_TOKEN", None, str, "bearer token of /metrics; unset: only this machine may read it"),
    Setting("MAX_UPLOAD_MB", "50", at_least(1), "largest file that staff may upload, in megabytes"),
]


def load(overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the Flask configuration; raises ConfigError where a value cannot be read."""
    places = (os.environ, dotenv_values(ROOT / ".env"))
    config = {setting.name: _value(setting, _written(setting.name, places)) for setting in SETTINGS}
    config.update(overrides or {})
    instance = Path(config["INSTANCE_PATH"]).resolve()
    instance.mkdir(parents=True, exist_ok=True)
    config["INSTANCE_PATH"] = str(instance)
    config["SECRET_KEY"] = config["SECRET_KEY"] or _kept_secret(instance)
    config["PUBLIC_URL"] = config["PUBLIC_URL"].rstrip("/")
    if not config["PUBLIC_URL"].startswith(("http://", "https://")):
        raise ConfigError("PUBLIC_URL must begin with https:// (or http://): links in mail begin with it.")
    config["SQLALCHEMY_DATABASE_URI"] = _database_uri(config["DATABASE_URL"], instance)
    return _database_options(config["SQLALCHEMY_DATABASE_URI"]) | config | _fixed(config)


def _fixed(config: Mapping[str, Any]) -> dict[str, Any]:
    https = config["PUBLIC_URL"].startswith("https://")
    return {
        "MAX_CONTENT_LENGTH": config["MAX_UPLOAD_MB"] * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_NAME": "__Host-session" if https else "session",
        "PERMANENT_SESSION_LIFETIME": 12 * 3600,
        "WTF_CSRF_TIME_LIMIT": None,
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
    }


def _written(name: str, places: Sequence[Mapping[str, str | None]]) -> str | None:
    for place in places:
        if text := place.get(name) or _in_file(f"{name}_FILE", place):
            return text
    return None


def _in_file(name: str, place: Mapping[str, str | None]) -> str:
    path = place.get(name)
    if not path:
        return ""
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise ConfigError(f"{name}: cannot read {path} ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name}: {path} is not text in UTF-8.") from error


def _value(setting: Setting, written: str | None) -> Any:
    text = written or setting.default
    if text is None:
        return None
    try:
        return setting.read(text)
    except ValueError as error:
        raise ConfigError(f"{setting.name}={text!r}: {error}. It means: {setting.meaning}.") from error


def _kept_secret(instance: Path) -> str:
    path = instance / "secret_key"
    if not path.exists():
        draft = path.with_name(f"secret_key.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # Another process made it first; theirs stands.
        finally:
            draft.unlink()
    return path.read_text().strip()


def _database_options(uri: str) -> dict[str, Any]:
    """A database that is cut off shall be missed in ten seconds, not in the hours that TCP takes by default."""
    if not uri.startswith("postgresql"):
        return {}
    alive = {"keepalives_idle": 4, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 10_000}
    return {"SQLALCHEMY_ENGINE_OPTIONS": {"connect_args": {**alive, "connect_timeout": 5}}}


def _database_uri(url: str | None, instance: Path) -> str:
    if not url:
        return f"sqlite:///{instance / 'groundswell.sqlite3'}"
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url
