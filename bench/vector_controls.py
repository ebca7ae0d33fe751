"""Pages that escape nothing: each vector in the place that it is for, to prove that it runs and that this is seen."""

import html
from collections.abc import Sequence

from markdown_it import MarkdownIt

from bench.vector_browser import Browser
from tests.corpora import executing

OPEN = "<!doctype html><html lang=en><title>x</title><body>"
PLACES = {
    "html": OPEN + "<p>{}</p>",
    "double": OPEN + '<input value="{}">',
    "single": OPEN + "<input value='{}'>",
    "bare": OPEN + "<input value={}>",
    "title": "<!doctype html><title>{}</title><body>",
    "textarea": OPEN + "<textarea>{}</textarea>",
    "comment": OPEN + "<!-- {} -->",
    "style": "<!doctype html><style>p {{ color: red; /* {} */ }}</style><body>",
    "noscript": OPEN + "<noscript>{}</noscript>",
    "json": OPEN + '<script type="application/json">{{"a": "{}"}}</script>',
    "select": OPEN + "<select><option>{}</option></select>",
    "template": OPEN + "<template>{}</template>",
    "script_double": OPEN + '<script>var a = "{}";</script>',
    "script_single": OPEN + "<script>var a = '{}';</script>",
    "script_template": OPEN + "<script>var a = `{}`;</script>",
    "mutation": OPEN + "<div id=a></div><textarea id=b hidden>{}</textarea>"
    "<script>a.innerHTML = b.value; a.innerHTML = a.innerHTML;</script>",
}
TRIES = 3
CAREFUL = {"url": OPEN + '<a href="{}">x</a>', "handler": OPEN + "<button onclick=\"void('{}')\">x</button>"}


def page(place: str, vector: str) -> str:
    """Return a page that lets the vector through."""
    if place == "markdown":
        reader = MarkdownIt("commonmark", {"html": True})
        reader.validateLink = lambda url: True  # type: ignore[method-assign]
        return OPEN + str(reader.render(vector))
    if place in CAREFUL:
        said = vector if place == "handler" and "&#39;" in vector else html.escape(vector)
        return CAREFUL[place].format(said)
    return PLACES[place].format(html.escape(vector) if place == "mutation" else vector)


def live(browser: Browser, vectors: Sequence[tuple[str, str]], tries: int = TRIES) -> list[int]:
    """Return the numbers of those vectors that ran, each alone on its page."""
    number = {one: 77_0000_000 + one * 1000 for one in range(len(vectors))}
    fired: set[int] = set()
    for _ in range(tries):  # Some wait for a picture or a movement, which a busy machine shows late.
        waiting = [one for one in number if number[one] not in fired]
        made = [executing.marked(vectors[one][1], number[one]) for one in waiting]
        fired |= browser.run(
            [("text/html", page(vectors[one][0], said)) for one, said in zip(waiting, made, strict=True)]
        )
    return [one for one in number if number[one] in fired]
