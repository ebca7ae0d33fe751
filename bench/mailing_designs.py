"""Do the four starters look right everywhere, stay small, and pass for no spam?

Each is rendered in the preset that goes with its kind, in English and in Arabic, with its empty places filled as a
writer would, and goes through the compiler of mail. Chromium then shows it at 320, 600 and 1280 pixels, light and dark:
nothing may need a sideways scroll, and the colors must be those of the screen. SpamAssassin (Debian's package; local
tests alone) scores the whole mail below 1.0; the HTML is below 102 kB, and the text part carries the same links.

    python -m bench.mailing_designs [--pictures FOLDER]

With a folder, a picture of each page is kept there to be looked at.
"""

import argparse
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from html5lib import parse
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Route, sync_playwright
from werkzeug.datastructures import FileStorage

from bench import stage
from crm.base import clock
from crm.delivery.compiled import Content, compile_content, inlined
from crm.extensions import db
from crm.mailings import fields, identity, rendering
from crm.mailings.blocks import checking
from crm.mailings.checks import CLIPPED_OVER
from crm.mailings.designs import keeping, looks, samples
from crm.mailings.designs.presets import PRESETS
from crm.mailings.models import KINDS, Mailing
from crm.mailings.pictures import keeping as pictures
from crm.mailings.pictures import storage
from tests import factories
from tests.goals.test_block import make_goal

LANGUAGES = ("en", "ar")
WIDTHS = (320, 600, 1280)
SCREENS = ("light", "dark")
MOST_SPAM = 1.0
SCORE = re.compile(r"^X-Spam-Status:.*?score=(-?[\d.]+).*?tests=(.*?)\s+\w+=", re.MULTILINE | re.DOTALL)
STORY = {
    "en": "Nurses and engineers who trained elsewhere wait two years for a license here. The bill before the Senate "
    "makes the boards answer within sixty days, and say what is missing. Ohio and Utah have done it; nobody there "
    "wants to go back. The committee votes on Thursday, and three members have not decided yet.",
    "ar": "ينتظر الممرضون والمهندسون الذين تدربوا في الخارج عامين للحصول على الترخيص هنا. مشروع القانون المعروض على "
    "مجلس الشيوخ يلزم المجالس بالرد خلال ستين يوماً وببيان ما ينقص. أوهايو ويوتا سبقتا إلى ذلك، ولا أحد هناك يريد "
    "العودة. تصوت اللجنة يوم الخميس، وثلاثة أعضاء لم يقرروا بعد.",
}
SUBJECTS = {"en": "Thursday decides about licenses", "ar": "الخميس يوم القرار بشأن التراخيص"}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=Path)
    wanted = parser.parse_args()
    if wanted.pictures:
        wanted.pictures.mkdir(parents=True, exist_ok=True)
    with stage.folder() as place, stage.installation("sqlite", place, 1) as installation:
        factories.make_coalition()
        make_goal("Eight supporters by spring")
        for _ in range(3):
            factories.make_contact(confirmed_at=clock.now())
        picture = _picture()
        kept = Path(installation.app.config["INSTANCE_PATH"]) / storage.SHELF.folder
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium")
            met = [_measure(browser, mailing, kept, wanted.pictures) for mailing in _mailings(picture)]
            browser.close()
    return 0 if all(met) else 1


def _mailings(picture: str) -> Iterator[Mailing]:
    for kind in KINDS:
        for language in LANGUAGES:
            said = samples.said(kind, language)
            said.subject, said.preheader = SUBJECTS[language], STORY[language][:80]
            said.blocks = checking.cleaned([_written(block, picture, language) for block in said.blocks])
            yield said


def _written(block: dict[str, Any], picture: str, language: str) -> dict[str, Any]:
    """Return a block as a writer leaves it: a picture chosen, a link given, the story told."""
    if block["kind"] == "image":
        return {**block, "picture": picture, "alt": "A full hall"}
    if block["kind"] == "button" and not block["url"].startswith("{{"):
        return {**block, "url": "https://bridgeway.example/licenses?from=mail&to=senate"}
    if block["kind"] == "text":
        return {**block, "html": block["html"] + f"<p>{STORY[language]}</p>"}
    if block["kind"] == "columns":
        columns = [[_written(inner, picture, language) for inner in column] for column in block["columns"]]
        return {**block, "columns": columns}
    return block


def _measure(browser: Browser, said: Mailing, kept: Path, folder: Path | None) -> bool:
    look = looks.look(keeping.begun(said.kind))
    mail = rendering.render(said, identity.current(), look=look)
    values = fields.values_for(factories.make_contact(first_name="Amina"))
    page = inlined(rendering.personal(mail, values).html)
    links = {tag.get("href") for tag in parse(mail.html, namespaceHTMLElements=False).iter("a")}
    score, tests = _spam(mail, values)
    shown = [_shown(browser, said, page, width, screen, kept, folder) for width in WIDTHS for screen in SCREENS]
    met = {
        "no faults": not mail.faults,
        "fits": all(one["scroll"] <= one["width"] for one in shown),
        "colors": all(one["paper"] == _rgb(PRESETS[said.kind].colors[one["screen"]]["paper"]) for one in shown),
        "asks nobody else": not any(one["foreign"] for one in shown),
        "small": len(page.encode()) < CLIPPED_OVER,
        "same links": all(link and link in mail.text for link in links),
        "no spam": score < MOST_SPAM,
    }
    figures = {
        "kilobytes": round(len(page.encode()) / 1024, 1),
        "links": len(links),
        "spam": score,
        "spam_tests": tests,
    }
    stage.tell(bench="mailing designs", kind=said.kind, language=said.language, **figures, met=met)
    return all(met.values())


def _shown(
    browser: Browser, said: Mailing, page: str, width: int, screen: str, kept: Path, folder: Path | None
) -> dict[str, Any]:
    tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=screen)  # type: ignore[arg-type]
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        path = kept / route.request.url.rpartition("/")[2]
        route.fulfill(path=path) if path.is_file() else route.abort()

    tab.route("**/*", answer)
    tab.set_content(page, wait_until="load")
    scroll = tab.evaluate("document.documentElement.scrollWidth")
    paper = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    if folder:
        tab.screenshot(path=folder / f"{said.kind}-{said.language}-{width}-{screen}.png", full_page=True)
    tab.close()
    foreign = [url for url in asked if not url.startswith("https://crm.example/pictures/")]
    return {"width": width, "screen": screen, "scroll": scroll, "paper": paper, "foreign": foreign}


def _spam(mail: rendering.Rendered, values: dict[str, str]) -> tuple[float, str]:
    who = identity.current()
    content = Content(mail.subject, mail.html, mail.text, identity.sender(who), "bulk", "action-alerts")
    link = "https://crm.example/unsubscribe/x"
    head = "To: amina@mail.example\r\nMessage-ID: <1.x@bridgeway.example>\r\n"
    head += f"List-Unsubscribe: <{link}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    raw = compile_content(content).render(head.encode(), values).removesuffix(b"\r\n.\r\n").replace(b"\r\n..", b"\r\n.")
    assert message_from_bytes(raw, policy=policy.default).get_body(("plain",)) is not None
    judged = subprocess.run(["spamassassin", "-t", "-L"], input=raw, capture_output=True, check=True)
    found = SCORE.search(judged.stdout.decode(errors="replace"))
    assert found, judged.stdout[:500]
    return float(found[1]), re.sub(r"\s+", "", found[2])


def _picture() -> str:
    """Return the id of a picture of many colors."""
    drawn = Image.radial_gradient("L").resize((1600, 900)).convert("RGB")
    ImageDraw.Draw(drawn).ellipse((500, 200, 1100, 800), fill="#8A4B00")
    content = io.BytesIO()
    drawn.save(content, "JPEG")
    content.seek(0)
    user = factories.make_user("organizer")
    db.session.commit()
    with pictures.received(FileStorage(content, "hall.jpg"), "A full hall", user) as picture:
        db.session.commit()
    return picture.public_id


def _rgb(color: str) -> str:
    return f"rgb({', '.join(str(int(color[at : at + 2], 16)) for at in (1, 3, 5))})"


if __name__ == "__main__":
    sys.exit(main())
