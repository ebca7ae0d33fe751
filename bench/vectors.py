"""Does any text that somebody types ever run, in a page or in a mail?

Each of more than 1,500 scripting vectors stands in every field that holds typed text, written into the database itself,
past the checks of all forms. Every page and mail is read and shown in Chromium, without the Content-Security-Policy of
the site (that is harder than real life), and all in it is clicked. Before, each vector proves on a page that escapes
nothing that it runs and that this is seen. More than 1,000 payloads against template engines stand in the same fields.
At last every form is sent with them. BENCH_ROUNDS=2: two of the rounds that bring each vector into each field.
"""

import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bench import stage, vector_controls, vector_fields, vector_mails, vector_rows
from bench.vector_browser import Browser, browser
from bench.vector_fields import NUMBER, Vectors
from bench.vector_pages import Page, Reader
from crm.extensions import db
from crm.site.demo import loading
from tests.corpora import executing, templates

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "1000"))
SHOWN = {"text/html", "image/svg+xml", "application/xml", "text/xml", "application/atom+xml"}
SECRET = "the-key-that-no-page-may-tell"
FEW = 5


@dataclass
class Judged:
    """What was seen of the pages."""

    browser: Browser
    read: int = 0
    pairs: set[tuple[str, str]] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    ran: dict[tuple[int, str], None] = field(default_factory=dict)
    rendered: dict[str, None] = field(default_factory=dict)
    errors: dict[str, None] = field(default_factory=dict)

    def judge(self, pages: Iterable[Page]) -> None:
        """Look at each answer, and show those that a browser would."""
        shown = []
        for page in pages:
            self.read += 1
            self.addresses.add(f"{page.who} {urlsplit(page.address).path}")
            self.pairs.update(NUMBER.findall(page.body))
            if page.status >= 500:
                self.errors[f"{page.who} {page.address[:200]}"] = None
            if templates.PRODUCT in page.body or SECRET in page.body:
                self.rendered[f"{page.who} {page.address[:200]}"] = None
            if page.kind in SHOWN:
                shown.append(page)
        fired = self.browser.run([(page.kind, page.body) for page in shown])
        while fired and shown:  # Seldom: which page was it?
            page = shown.pop()
            alone = self.browser.run([(page.kind, page.body)])
            self.ran.update({(number, page.address): None for number in alone})
            fired -= alone
        self.ran.update({(number, "several pages at once"): None for number in fired})


def main() -> int:
    begun = time.monotonic()
    with stage.folder() as place, browser() as tab, stage.installation("sqlite", place, 1, SECRET_KEY=SECRET) as made:
        loading.load()
        db.session.commit()
        vector_rows.fill()
        proven = vector_controls.live(tab, executing.VECTORS)
        vectors = Vectors([executing.VECTORS[one][1] for one in proven], [])
        vectors.addresses = [said for place, said in executing.VECTORS if place == "url" and said in vectors.live]
        reader, judged = Reader(made.app), Judged(tab)
        # What is broken before a vector stands anywhere says that our rows do not fit together, and nothing of vectors.
        broken = [page.address for page in reader.find() if page.status >= 500]
        rounds = min(ROUNDS, vectors.rounds)
        _measure(reader, judged, vectors, rounds)
        _tell(reader, judged, vectors, rounds, begun, broken)
    unproven = len(executing.VECTORS) - len(proven)
    faults = judged.ran or judged.rendered or judged.errors or unproven
    return 1 if faults or not judged.pairs or not rounds else 0


def _measure(reader: Reader, judged: Judged, vectors: Vectors, rounds: int) -> None:
    tables = list(vector_fields.tables())
    for turn in range(rounds):
        for table in tables:
            table.write(vectors, turn)
        db.session.commit()
        judged.judge(reader.read(turn))
        judged.judge(vector_mails.read(vectors, turn))
        db.session.rollback()
        db.session.expunge_all()
        print(f"round {turn + 1} of {rounds}", file=sys.stderr, flush=True)
    for number, (who, address) in enumerate(list(reader.found)):
        text = vectors.text("what is typed into a form", number, vector_fields.AT_ONCE, False, bool(number % 2))
        judged.judge(reader.post(reader.open(who, address), text))


def _tell(reader: Reader, judged: Judged, vectors: Vectors, rounds: int, begun: float, broken: list[str]) -> None:
    names = {number: name for name, number in vectors.names.items()}
    reached = {names[int(number)] for _, number in judged.pairs if int(number) in names}
    stage.tell(
        measurement="vectors",
        vectors=len(vectors.live),
        unproven=len(executing.VECTORS) - len(vectors.live),
        payloads=len(templates.EVERY),
        rounds=rounds,
        rounds_in_full=vectors.rounds,
        fields=len(vectors.names),
        fields_seen=len(reached),
        pages=len(judged.addresses),
        views=len(reader.reached),
        views_not_read=reader.unread(),
        broken_before=broken[:FEW],
        pairs=len(judged.pairs),
        read=judged.read,
        loads=judged.browser.loads,
        elements=judged.browser.elements,
        executed=len(judged.ran),
        rendered=len(judged.rendered),
        errors=len(judged.errors),
        first_executed=[
            (vectors.live[number // 1000 % 10_000], names.get(number % 1000), page)
            for number, page in list(judged.ran)[:FEW]
        ],
        first_rendered=list(judged.rendered)[:FEW],
        first_errors=list(judged.errors)[:FEW],
        not_seen=sorted(set(vectors.names) - reached),
        seconds=round(time.monotonic() - begun),
    )


if __name__ == "__main__":
    sys.exit(main())
