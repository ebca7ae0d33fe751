"""Where people share: the addresses that open each channel with a text, what our people use first."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Channel:
    """A channel: its name for staff, the words of its button, and the address that opens it with subject, text, link.

    `host` is that of the address; "" where a program of the visitor opens it.
    """

    label: str
    button: LazyString
    address: Callable[[str, str, str], str]
    host: str = ""


def _q(text: str) -> str:
    return quote(text, safe="")


CHANNELS = {
    "whatsapp": Channel(
        "WhatsApp",
        _l("Share by WhatsApp"),
        lambda _subject, text, _link: f"https://wa.me/?text={_q(text)}",
        "https://wa.me https://api.whatsapp.com",
    ),
    "mail": Channel(
        "E-mail",
        _l("Share by e-mail"),
        lambda subject, text, _link: f"mailto:?subject={_q(subject)}&body={_q(text)}",
    ),
    "sms": Channel("Text message", _l("Share by text message"), lambda _subject, text, _link: f"sms:?&body={_q(text)}"),
    "facebook": Channel(
        "Facebook",
        _l("Share on Facebook"),
        lambda _subject, _text, link: f"https://www.facebook.com/sharer/sharer.php?u={_q(link)}",
        "https://www.facebook.com",
    ),
    "linkedin": Channel(
        "LinkedIn",
        _l("Share on LinkedIn"),
        lambda _subject, _text, link: f"https://www.linkedin.com/sharing/share-offsite/?url={_q(link)}",
        "https://www.linkedin.com",
    ),
    "telegram": Channel(
        "Telegram",
        _l("Share by Telegram"),
        lambda _subject, text, link: f"https://t.me/share/url?url={_q(link)}&text={_q(text.replace(link, '').strip())}",
        "https://t.me https://telegram.me",
    ),
}
ORDER = tuple(CHANNELS)
HOSTS = " ".join(channel.host for channel in CHANNELS.values() if channel.host)
