"""What of a mail is hard to read, or looks like spam to filters and to people: a short list, and advice alone."""

import ipaddress
import re
from urllib.parse import urlsplit

from flask import current_app

from crm.base.words import shortened
from crm.delivery import merge_fields
from crm.delivery.compiled import inlined
from crm.mailings.checking import looks
from crm.mailings.checking.check import Check, advice, good
from crm.mailings.checking.looks import Look, Seen
from crm.mailings.legibility import LEAST_CONTRAST, contrast
from crm.mailings.rendering import Rendered
from crm.mailings.texts import Text

LEAST_LARGE = 3.0  # WCAG 2.2, 1.4.3
LARGE, LARGE_BOLD = 24.0, 18.66  # pixels
VERY_LARGE = 48.0
SHOUTED = 8  # exclamation marks in the whole text
FEW_SIGNS = 60
SHORTENERS = frozenset(
    {"bit.ly", "buff.ly", "cutt.ly", "dlvr.it", "goo.gl", "is.gd", "lnkd.in", "ow.ly", "rb.gy", "rebrand.ly"}
    | {"shorturl.at", "t.co", "t.ly", "tiny.cc", "tinyurl.com", "v.gd"}
)
SHOWS_ADDRESS = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,24})(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE)
PRETENDS = re.compile(r"\s*(re|aw|fwd?|rv|wg)\s*:", re.IGNORECASE)
FOOT = "\n--\n"  # What stands below is the layout's.


def look(said: Text, mail: Rendered) -> list[Check]:
    """Return what is to be said of one of the texts of a mailing."""
    seen = looks.read(inlined(mail.html))
    spam = [*_subject(said.subject), *_words(mail, seen), *_links(seen)]
    checks = [_contrast(seen), _text_part(mail)]
    return checks + (spam or [good("Nothing in it looks like spam.")])


def _contrast(seen: Seen) -> Check:
    judged = [(contrast(look.color, look.behind), look, words) for words, look in seen.letters if look.behind]
    weak = [(ratio, words) for ratio, look, words in judged if ratio < _least(look)]
    if not weak:
        return good("All letters stand out from what is behind them.")
    ratio, words = min(weak)
    return advice(
        f"“{shortened(words)}” is hard to read: its color and the one behind have a contrast of {ratio:.1f}, and 4.5 "
        "is the least (3 for large letters). Choose a darker or a lighter one.",
        "body",
    )


def _least(look: Look) -> float:
    return LEAST_LARGE if look.size >= LARGE or (look.bold and look.size >= LARGE_BOLD) else LEAST_CONTRAST


def _text_part(mail: Rendered) -> Check:
    if _own_words(mail):
        return good("It has a text part, for those who read no HTML.")
    return advice("Its text part is empty: write words, not pictures alone, for those who read no HTML.", "body")


def _subject(subject: str) -> list[Check]:
    letters = [sign for sign in merge_fields.sub("", subject) if sign.lower() != sign.upper()]
    found = []
    if len(letters) >= 8 and sum(sign.isupper() for sign in letters) >= 0.8 * len(letters):
        found.append("The subject is in capitals, as in spam. Write it as a sentence.")
    if subject.count("!") > 1:
        found.append("The subject has several exclamation marks. One is enough.")
    if PRETENDS.match(subject):
        found.append("The subject pretends to be an answer (Re:, Fwd:), which misleads people. Leave that out.")
    return [advice(text, "subject") for text in found]


def _words(mail: Rendered, seen: Seen) -> list[Check]:
    own, found = _own_words(mail), []
    if own.count("!") > SHOUTED or "!!!" in own:
        found.append("It has many exclamation marks. Leave most of them out.")
    if own and seen.pictures and len(re.sub(r"https?://\S+|\s", "", own)) < FEW_SIGNS:
        found.append("It is made of pictures with hardly a word, as spam often is. Write what they say.")
    if huge := max((look.size for _, look in seen.letters if look.size > VERY_LARGE), default=0.0):
        found.append(f"It has letters of {huge:.0f} px. Make them smaller than {VERY_LARGE:.0f}.")
    return [advice(text, "body") for text in found]


def _links(seen: Seen) -> list[Check]:
    found = []
    for url, words in seen.links:
        host = _host(url)
        shown = SHOWS_ADDRESS.fullmatch(words)
        if host and shown and _bare(shown[1]) != _bare(host):
            found.append(
                f"The link “{shortened(words)}” leads to {host}, as in mail of thieves. Let it say what it is."
            )
        if host in SHORTENERS:
            found.append(f"{shortened(url)} hides where it leads, and filters distrust it. Use the address itself.")
        if host and _is_number(host) and not url.startswith(current_app.config["PUBLIC_URL"]):
            found.append(f"{shortened(url)} is a number and no name. Use the name of the site.")
    return [advice(text, "body") for text in dict.fromkeys(found)]


def _own_words(mail: Rendered) -> str:
    return mail.text.partition(FOOT)[0].strip() if FOOT in mail.text else mail.text.strip()


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.scheme in ("http", "https") else ""


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
