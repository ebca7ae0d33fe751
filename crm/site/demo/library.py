"""Four sample resources: a whitepaper, a recording with its transcript, a recommendation, and a link."""

import io
import random
from collections.abc import Mapping, Sequence
from datetime import timedelta

from werkzeug.datastructures import FileStorage

from crm.contacts.models import Contact
from crm.extensions import db
from crm.resources import extracting, filing, library
from crm.resources.models import Download, Resource
from crm.site.demo import paper
from crm.site.demo.coalition import Stage

TAKEN = 60  # downloads of the whitepaper
NOTHING = {"url": "", "gate": "free", "campaign_id": None, "organization_id": None, "ask_id": None}
IDLE = {
    "kind": "whitepaper",
    "slug": "idle-skills",
    "title_en": "Idle skills: health professionals who work below their training",
    "title_es": "Talento parado: profesionales de la salud que trabajan por debajo de su formación",
    "title_ar": "مهارات معطلة: مهنيون صحيون يعملون دون مستوى تأهيلهم",
    "summary_en": "2,400 doctors, nurses and pharmacists between two rivers drive, clean or wait. We counted them, "
    "asked what stopped them, and reckoned what a provisional license would bring.",
    "summary_es": "2,400 médicas, enfermeros y farmacéuticas conducen, limpian o esperan. Los contamos, preguntamos "
    "qué los frenó y calculamos qué aportaría una licencia provisional.",
    "authors": "Delacroix, Ruth\nMensah, Kojo\nBridgeway",
    "audiences": ["policy", "regulators"],
    "gate": "address",
}
PAPER = [
    "Idle skills",
    "Health professionals who work below their training",
    "",
    "Between two rivers we found 2,400 doctors, nurses and pharmacists who work below",
    "their training. Half of them wait for one form. A provisional license, with a",
    "supervisor beside them, would bring most of them back within a year.",
    "",
    "1. Who they are",
    "Two of three trained as nurses. The middle of them has eleven years of practice.",
    "",
    "2. What stops them",
    "Transcripts that nobody sends; exams that are held twice a year; fees of 4,000 dollars",
    "before the first hour of work; and a rule that counts practice abroad as none.",
    "",
    "3. What it costs",
    "Hospitals in the region pay 190 million dollars a year for agency shifts.",
    "",
    "4. What we propose",
    "A provisional license after a check of documents, supervised practice for twelve",
    "months, and a full license at their end, without a second degree.",
]
RECORDING = {
    "kind": "recording",
    "slug": "licensing-in-one-year",
    "title_en": "Licensing in one year: what three states tried",
    "title_es": "La licencia en un año: lo que probaron tres estados",
    "summary_en": "Forty minutes with the people who wrote the rules, and with two who practice under them.",
    "transcript_en": "**Moderator.** Welcome. Three states let people work under supervision while their papers are "
    "checked. What surprised you?\n\n**Ruth Delacroix.** That supervisors asked for more of them within a month. The "
    "fear was a burden; the answer was relief.\n\n**A nurse.** I learned the words for things I had done for ten "
    "years. Nobody had to teach me the things.\n\n**Moderator.** And the boards?\n\n**Kojo Mensah.** They kept every "
    "safeguard they had. What they dropped was the waiting.",
    "authors": "Bridgeway",
    "audiences": ["policy", "regulators", "educators"],
    "url": "https://bridgeway.example/webinars/licensing-in-one-year",
}
STEPS = {
    "kind": "recommendation",
    "slug": "five-steps",
    "title_en": "Five steps to a fair license",
    "title_es": "Cinco pasos hacia una licencia justa",
    "title_ar": "خمس خطوات نحو ترخيص عادل",
    "summary_en": "What a licensing board can do by itself, without a new law, before next summer.",
    "summary_es": "Lo que una junta de licencias puede hacer por sí misma, sin una ley nueva, antes del verano.",
    "body_en": "## What a board can do now\n\n1. **Say what is missing.** Answer every application within thirty days, "
    "with a list.\n2. **Take copies.** Let schools abroad send transcripts as files.\n3. **Count practice.** Ten years "
    "at a bedside are evidence.\n4. **Hold exams monthly.** Two dates a year cost half a year each.\n5. **Publish the "
    "numbers.** Who applied, who waits, for how long.\n\n## What it takes\n\nOne vote of the board for each. None of "
    "the five needs money that is not there.",
    "authors": "Bridgeway",
    "audiences": ["regulators", "policy"],
}
GUIDE = {
    "kind": "guide",
    "slug": "hiring-guide",
    "title_en": "Hiring people who trained abroad: a guide for employers",
    "summary_en": "How to read a foreign diploma, what to ask in an interview, and which programs share the cost of "
    "the first year.",
    "authors": "Harbor College",
    "audiences": ["employers", "providers", "funders"],
    "url": "https://bridgeway.example/guides/hiring",
}
# How many days ago each came out.
CAME_OUT = ((GUIDE, 210), (STEPS, 96), (RECORDING, 41), (IDLE, 19))


def add(stage: Stage, active: Sequence[Contact], dice: random.Random) -> None:
    """Add them, and who took the whitepaper."""
    made = [_resource(stage, values, days) for values, days in CAME_OUT]
    whitepaper = made[-1]
    for contact in dice.sample(list(active), min(TAKEN, len(active))):
        at = stage.now - timedelta(hours=dice.randrange(1, 19 * 24))
        row = Download(resource_id=whitepaper.id, contact_id=contact.id, language=contact.language, how="confirmed")
        row.at, row.day, row.source_id = at, at.date(), contact.source_id
        db.session.add(row)
    db.session.flush()


def _resource(stage: Stage, values: Mapping[str, object], days: int) -> Resource:
    languages = ["en"]
    topics = [topic.slug for topic in stage.topics if topic.public][1:2]
    came_out = stage.today - timedelta(days=days)
    known = {**NOTHING, **values, "published_on": came_out, "languages": languages, "topics": topics}
    resource = library.save(Resource(), known)
    if values is IDLE:
        _give_paper(resource)
    library.publish(resource)
    resource.published_at = stage.now - timedelta(days=days)
    db.session.flush()
    return resource


def _give_paper(resource: Resource) -> None:
    upload = FileStorage(io.BytesIO(paper.written(PAPER)), "idle-skills.pdf")
    file = filing.stored(upload, "en")
    filing.add(resource, file)
    found = extracting.read(filing.storage.SHELF.path_of(file.token))
    extracting.take(file, found)
