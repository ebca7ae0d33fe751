"""What people do on public pages and have to prove their address for: a registry that the subjects fill at assembly."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crm.base.registries import Registry


@dataclass(frozen=True)
class Deed:
    """Something to be done once the address is proven: of which kind, about which row, and what came with the form.

    `details` are JSON values, kept as they are.
    """

    kind: str
    about_id: int
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """A deed of a contact whose address is proven.

    `new`: the contact was no confirmed supporter before. `at`: when it was done on the page, in UTC.
    """

    deed: Deed
    contact_id: int
    source_id: int | None
    language: str
    new: bool
    at: datetime


@dataclass(frozen=True)
class DeedKind:
    """How deeds of one kind are asked about, and what becomes of them.

    `title`(about_id, language) says what it is about, "" where that is gone; never in a visitor's words. `prompt` asks
    to confirm, with %(title)s in it; `button` does; `fitting`(deed) returns both where others fit what came with the
    form better, or else None. `settle` writes the row, once however often it is called, and does not commit.
    `page`(about_id) is the path of the public page. `after`(about_id, token) is where to lead to when it is done; the
    token tells that page who did it, and what `carries`(details) says of it in a short text.
    `greets`(about_id, language): whether it writes a welcome mail of its own in that language. `by_link`: how often in
    24 hours the signed link of one contact does it, whoever has that link; each time may bring a mail to its owner.
    `open`(about_id): whether it can be done now; `late`: what was done in time counts when it is confirmed after that.
    """

    title: Callable[[int, str], str]
    prompt: Any
    button: Any
    settle: Callable[[Done], None]
    page: Callable[[int], str]
    after: Callable[[int, str], str]
    greets: Callable[[int, str], bool] = lambda _about_id, _language: False
    by_link: int = 3
    open: Callable[[int], bool] = lambda _about_id: True
    late: bool = False
    carries: Callable[[Mapping[str, Any]], str] = lambda _details: ""
    fitting: Callable[[Deed], tuple[Any, Any] | None] = lambda _deed: None

    def counts(self, about_id: int) -> bool:
        """Tell whether what was done on the page still counts once it is confirmed."""
        return self.late or self.open(about_id)

    def question(self, deed: Deed, language: str) -> str:
        """Return the prompt in the language that is being written, with the title in it."""
        return str(self._words(deed)[0]) % {"title": self.title(deed.about_id, language)}

    def button_for(self, deed: Deed) -> str:
        """Return the words of the button that confirms."""
        return str(self._words(deed)[1])

    def _words(self, deed: Deed) -> tuple[Any, Any]:
        return self.fitting(deed) or (self.prompt, self.button)


deeds: Registry[DeedKind] = Registry()
