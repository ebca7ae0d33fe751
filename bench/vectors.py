"""Does any text that somebody types ever run, in a page or in a mail?

Each of more than 1,500 scripting vectors stands in every field that holds typed text, written into the database itself,
past the checks of all forms. Every page and mail is read and shown in Chromium, without the Content-Security-Policy of
the site (that is harder than real life), and all in it is clicked. Before, each vector proves on a page that escapes
nothing that it runs and that this is seen. More than 1,000 payloads against template engines stand in the same fields.
At last each kind of form is sent with all of them, and every page is read once more with what the forms let through.

BENCH_ROUNDS=2: two of the rounds that bring each vector into each field and form. BENCH_EVERY=10: each tenth vector.
Exit 1 where anything ran, was rendered, broke, or remained unseen.
"""

import os
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import urlsplit

from bench import stage, vector_controls, vector_fields, vector_mails, vector_rows, vector_unseen
from bench.vector_browser import Browser, browser
from bench.vector_fields import NUMBER, Vectors
from bench.vector_forms import Forms
from bench.vector_pages import Page, Reader
from crm.extensions import db
from crm.site.demo import loading
from tests.corpora import executing, templates

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "1000"))
EVERY = int(os.environ.get("BENCH_EVERY", "1"))
SHOWN = {"text/html", "image/svg+xml", "application/xml", "text/xml", "application/atom+xml"}
SECRET = "the-key-that-no-page-may-tell"
FEW = 5
AT_ONCE = 120  # pages in memory


@dataclass
class Judged:
    """What was seen of the pages."""

    browser: Browser
    read: int = 0
    refusals: int = 0
    pairs: set[tuple[str, str]] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    ran: dict[tuple[int, str], None] = field(default_factory=dict)
    rendered: dict[str, None] = field(default_factory=dict)
    errors: dict[str, None] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)  # mails that never go out with what stands in them, and why

    def judge(self, pages: Iterable[Page]) -> None:
        """Look at each answer, and show those that a browser would."""
        left = iter(pages)
        while some := list(islice(left, AT_ONCE)):
            self._show([page for page in some if self._readable(page) and page.kind in SHOWN])

    def _readable(self, page: Page) -> bool:
        """Look at the text of an answer; False for a mail that is refused before it goes, which has none."""
        if page.who == "mail" and page.status == vector_mails.REFUSED:
            self.refused[page.address] = page.body
            self.refusals += 1
            return False
        self.read += 1
        self.addresses.add(f"{page.who} {urlsplit(page.address).path}")
        self.pairs.update(NUMBER.findall(page.body))
        if page.status >= 500:
            self.errors[f"{page.who} {page.address[:200]}"] = None
        if templates.PRODUCT in page.body or SECRET in page.body:
            self.rendered[f"{page.who} {page.address[:200]}"] = None
        return True

    def never_read(self) -> list[str]:
        """Return the mails that were refused each time."""
        return sorted(name for name in self.refused if f"mail {name}" not in self.addresses)

    def _show(self, shown: list[Page]) -> None:
        fired = self.browser.run([(page.kind, page.body) for page in shown])
        while fired and shown:  # Seldom: which page was it?
            page = shown.pop()
            alone = self.browser.run([(page.kind, page.body)])
            self.ran.update({(number, page.address[:200]): None for number in alone})
            fired -= alone
        self.ran.update({(number, "several pages at once"): None for number in fired})


@dataclass
class Clock:
    """How long each part takes, told as it goes on."""

    begun: float = field(default_factory=time.monotonic)
    parts: Counter[str] = field(default_factory=Counter)

    def over(self, part: str, said: str) -> None:
        """Count what has passed since the last part for this one."""
        seconds = round(time.monotonic() - self.begun) - self.parts.total()
        self.parts[part] += seconds
        print(f"{part}: {said}, {seconds} s", file=sys.stderr, flush=True)


def main() -> int:
    clock, wanted = Clock(), executing.VECTORS[::EVERY]
    with stage.folder() as place, browser() as tab, stage.installation("sqlite", place, 1, SECRET_KEY=SECRET) as made:
        proven = [wanted[one] for one in vector_controls.live(tab, wanted)]
        # What the browser refuses is looked at once: if it runs again, it belongs to the vectors.
        again = vector_controls.live(tab, executing.NOT_RUN, tries=1)
        clock.over("proof", f"{len(proven)} of {len(wanted)} vectors run")
        loading.load()
        db.session.commit()
        vector_rows.fill()
        vectors = Vectors([said for _, said in proven], [said for place, said in proven if place == "url"])
        reader, judged = Reader(made.app), Judged(tab)
        forms = Forms(reader)
        # What is broken before a vector stands anywhere says that our rows do not fit together, and nothing of vectors.
        broken = [page.address for page in forms.collect(reader.find()) if page.status >= 500]
        clock.over("finding", f"{len(reader.found)} pages, {len(forms.kinds)} kinds of forms")
        rounds = min(ROUNDS, vectors.rounds)
        _read(reader, judged, vectors, rounds, clock)
        _send(forms, judged, vectors, rounds, clock)
        told = {"vectors": len(proven), "unproven": len(wanted) - len(proven), "refused_by_the_browser_run": len(again)}
        return _tell(told | {"broken_before": broken}, reader, judged, vectors, forms, rounds, clock)


def _read(reader: Reader, judged: Judged, vectors: Vectors, rounds: int, clock: Clock) -> None:
    tables = list(vector_fields.tables())
    for turn in range(rounds):
        for table in tables:
            table.write(vectors, turn)
        db.session.commit()
        if not turn:
            reader.widen()
            clock.over("finding", f"{len(reader.found)} pages that show each field")
        judged.judge(reader.read(turn))
        judged.judge(vector_mails.read(vectors, turn))
        db.session.rollback()
        db.session.expunge_all()
        clock.over("reading", f"round {turn + 1} of {rounds}")


def _send(forms: Forms, judged: Judged, vectors: Vectors, rounds: int, clock: Clock) -> None:
    for turn in range(rounds):
        judged.judge(forms.send(vectors, turn))
        clock.over("sending", f"round {turn + 1} of {rounds}, {forms.statuses.total()} forms sent")
    judged.judge(forms.reader.read(0))
    clock.over("reading", "what forms let through")


def _tell(
    told: dict[str, object],
    reader: Reader,
    judged: Judged,
    vectors: Vectors,
    forms: Forms,
    rounds: int,
    clock: Clock,
) -> int:
    """Print the answer, and return the exit code."""
    names = {number: name for name, number in vectors.names.items()}
    reached = Counter(names[int(number)] for _, number in judged.pairs if int(number) in names)
    unseen = set(vectors.names) - set(reached)
    elsewhere = sorted(unseen & vector_unseen.ELSEWHERE)
    not_seen = sorted(unseen - vector_unseen.ELSEWHERE - set(vector_unseen.NOT_SHOWN))
    stage.tell(
        measurement="vectors",
        **told,
        payloads=len(templates.EVERY),
        rounds=rounds,
        rounds_in_full=vectors.rounds,
        fields=len(vectors.names),
        fields_seen=len(reached),
        fields_with_all=sum(count >= len(vectors.live) * 0.99 for count in reached.values()),
        fewest=dict(reached.most_common()[: -FEW - 1 : -1]),
        pages=len(judged.addresses),
        views=len(reader.reached),
        views_not_read=reader.unread(),
        pairs=len(judged.pairs),
        read=judged.read,
        loads=judged.browser.loads,
        elements=judged.browser.elements,
        forms=len(forms.kinds),
        forms_sent=forms.statuses.total(),
        forms_answered=dict(sorted(forms.statuses.items())),
        forms_slowest=forms.slowest,
        logged_out=forms.logged_out,
        mails_refused=judged.refusals,
        mails_never_read=judged.never_read(),
        first_refused=dict(islice(judged.refused.items(), FEW)),
        executed=len(judged.ran),
        rendered=len(judged.rendered),
        errors=len(judged.errors),
        first_executed=[
            (vectors.live[number // 1000 % 10_000], names.get(number % 1000), page)
            for number, page in islice(judged.ran, FEW)
        ],
        first_rendered=list(islice(judged.rendered, FEW)),
        first_errors=list(islice(judged.errors, FEW)),
        not_shown=len(unseen & set(vector_unseen.NOT_SHOWN)),
        in_other_states=elsewhere,
        not_seen=not_seen,
        seconds=dict(clock.parts) | {"all": clock.parts.total()},
    )
    unproven = told["unproven"] or told["refused_by_the_browser_run"]
    missed = unproven or not_seen or reader.unread() or judged.never_read() or not judged.pairs or not rounds
    return 1 if missed or judged.ran or judged.rendered or judged.errors or told["broken_before"] else 0


if __name__ == "__main__":
    sys.exit(main())
