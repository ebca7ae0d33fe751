"""Links in mailings: each leads through an address of ours that counts it, and only to what stands in the mailing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from crm.base import signing
from crm.base.public_pages import public_url
from crm.contacts import known
from crm.delivery import merge_fields
from crm.mailings import fields
from crm.mailings.texts import Text


class Rewriter:
    """Turns the links of one mailing into counted ones; `urls` are their addresses, numbered from 1 in their order.

    `known` are those that have a number already. Personal ones end in what tells who follows them, in the copies of
    those who agreed to it.
    """

    def __init__(self, mailing_id: int, known: Sequence[str] = (), *, personal: bool = False) -> None:
        self.urls = list(known)
        self._mailing_id = mailing_id
        self._end = f"{{{{{fields.CLICK_MARK}}}}}" if personal else ""
        self._numbers: dict[str, int] = {}

    def __call__(self, url: str, language: str = "", variant: str = "") -> str:
        if url not in self._numbers:
            if url not in self.urls:
                self.urls.append(url)
            self._numbers[url] = self.urls.index(url) + 1
        said = f":{language}:{variant}".rstrip(":")
        token = signing.sign("click", f"{self._mailing_id}:{self._numbers[url]}{said}")
        mark = f"?{known.FIELD}={{{{{merge_fields.KNOWN_BY}}}}}" if known.asks(url) else ""
        return public_url(f"/c/{token}{self._end}{mark}")

    def of(self, said: Text, variant: str = "") -> Callable[[str], str]:
        """Return what turns the links of one of the mailing's texts, so that one knows in which they were followed."""
        return partial(self, language=said.language, variant=variant)


@dataclass(frozen=True)
class Named:
    """What the address of a counted link says: which link of which mailing, in which text, and perhaps whose copy."""

    mailing_id: int
    number: int
    language: str = ""
    variant: str = ""
    key: str = ""


def read(token: str) -> Named | None:
    """Return what a counted link says; None for one that is not ours."""
    signed, _, key = token.partition("~")
    try:
        mailing_id, number, *said = signing.read("click", signed).split(":")
        language, variant = [*said, "", ""][:2]
        return Named(int(mailing_id), int(number), language, variant, key)
    except (signing.InvalidToken, ValueError):
        return None
