"""Sample letters, calls, a letter of organizations, a form for stories, and a digest."""

import io
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from crm.actions.letters.models import Letter, Outreach, SuggestedText
from crm.actions.models import Action
from crm.actions.sign_on import logos, signing
from crm.actions.sign_on.models import SignOn
from crm.actions.submissions import sending
from crm.actions.submissions.models import Submission
from crm.actions.targets.models import Target
from crm.contacts.keys import name_key_of
from crm.contacts.models import Contact, TimelineEntry
from crm.extensions import db
from crm.mailings.digests.models import MONTHLY, Digest
from crm.site.demo import drawing
from crm.site.demo.actions import picture, published
from crm.site.demo.coalition import Stage

FILE = Path(__file__).with_name("outreach.yaml")
WROTE, CALLED = 46, 19  # people


def add(stage: Stage, active: Sequence[Contact], dice: random.Random) -> None:
    """Add them, with what people did of them so far."""
    written = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    letter = published(stage, "letter", written["letter"], opened=17, closes=31, goal=100)
    call = published(stage, "call", written["call"], opened=9, closes=20)
    organizations = published(stage, "sign_on", written["sign_on"], opened=15, closes=45)
    organizations.soft_closes_at = stage.now + timedelta(days=30)
    organizations.addressees = written["sign_on"]["addressees"]
    form = published(stage, "form", written["form"], opened=60)
    form.asks_story = True
    db.session.add_all([letter, call, organizations, form])
    db.session.flush()
    picture(letter, written["letter"]["picture"], drawing.INKS[0])
    _reach(stage, letter, written["letter"], dice.sample(list(active), min(WROTE, len(active))), dice)
    _reach(stage, call, written["call"], dice.sample(list(active), min(CALLED, len(active))), dice)
    _sign(stage, organizations, written["sign_on"], active)
    _tell(stage, form, written["form"], active)
    topic = next((one for one in stage.topics if one.public), stage.topics[0])
    db.session.add(Digest(topic_id=topic.id, rhythm=MONTHLY, zone=stage.zone, **written["digest"]))


def _reach(
    stage: Stage, action: Action, written: dict[str, Any], people: Sequence[Contact], dice: random.Random
) -> None:
    targets = [Target(action_id=action.id, **said) for said in written["targets"]]
    texts = [SuggestedText(action_id=action.id, kind=action.kind, **said) for said in written["texts"]]
    db.session.add_all([*targets, *texts])
    db.session.flush()
    for contact in people:
        at = _since(stage, action, contact, dice)
        text = next((one for one in texts if one.language == contact.language), texts[0])
        letter = None
        if action.kind == "letter":
            letter = Letter(
                action_id=action.id, contact_id=contact.id, name=contact.name, language=text.language, at=at
            )
            letter.subject, letter.text = text.subject, text.text
            db.session.add(letter)
        for target in targets:
            channel = "phone" if action.kind == "call" else "email" if target.email else "form"
            row = Outreach(action_id=action.id, target_id=target.id, contact_id=contact.id, channel=channel, at=at)
            row.letter, row.source_id = (letter if channel == "email" else None), contact.source_id
            db.session.add(row)
        _note(contact, action, at, "Called" if action.kind == "call" else "Wrote")
    db.session.flush()


def _sign(stage: Stage, action: Action, written: dict[str, Any], active: Sequence[Contact]) -> None:
    signed = zip(stage.members, written["signed"], drawing.INKS, strict=False)
    for number, (member, (signer, title), ink) in enumerate(signed):
        row = _signed(action, member.name, signer, title, stage.now - timedelta(days=12 - 2 * number))
        row.organization_id, row.state, row.decided_by_id = member.id, signing.ACCEPTED, stage.staff[0].id
        row.decided_at = row.at + timedelta(hours=5)
        logos.put(row, logos.painted(io.BytesIO(drawing.logo(member.name, ink))))
        db.session.add(row)
    name, signer, title = written["waits"]
    waits = _signed(action, name, signer, title, stage.now - timedelta(hours=20))
    waits.contact_id = active[-1].id
    db.session.add(waits)


def _signed(action: Action, name: str, signer: str, title: str, at: datetime) -> SignOn:
    row = SignOn(action_id=action.id, name=name, name_key=name_key_of(name), signer=signer, at=at)
    row.signer_title = title
    return row


def _tell(stage: Stage, action: Action, written: dict[str, Any], active: Sequence[Contact]) -> None:
    told = [*written["stories"], {"title": "", "text": written["received"]}]
    for number, (contact, story) in enumerate(zip(active[20:], told, strict=False)):
        at = stage.now - timedelta(days=40 - 13 * number, hours=4)
        row = Submission(action_id=action.id, contact_id=contact.id, story=story["text"], answers={}, at=at)
        if story["title"]:
            row.publish, row.state, row.published_at = sending.NAMELESS, sending.PUBLISHED, at + timedelta(days=2)
            row.published_title, row.published_text = story["title"], story["text"]
        db.session.add(row)
        _note(contact, action, at, "Sent the form")


def _since(stage: Stage, action: Action, contact: Contact, dice: random.Random) -> datetime:
    begun = max(action.opens_at or stage.now, contact.confirmed_at or stage.now)
    return begun + (stage.now - begun) * dice.random()


def _note(contact: Contact, action: Action, at: datetime, what: str) -> None:
    told = TimelineEntry(contact_id=contact.id, at=at, kind="action", title=f"{what}: {action.title()}")
    told.url, told.actor = f"/actions/{action.slug}", "visitor"
    db.session.add(told)
