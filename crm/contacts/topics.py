"""Adding, naming and ordering topics."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import zip_longest
from typing import Any

from sqlalchemy import func, select, update

from crm.base import changes
from crm.contacts.models import Topic
from crm.extensions import db

PROPOSED = [
    {"en": "Action alerts", "es": "Alertas de acción", "ar": "تنبيهات للتحرك"},
    {"en": "Research and reports", "es": "Investigaciones e informes", "ar": "أبحاث وتقارير"},
    {"en": "Webinars and events", "es": "Seminarios web y eventos", "ar": "ندوات وفعاليات"},
]


def begin(all_names: Iterable[Mapping[str, str]]) -> None:
    """Begin with topics of these names, the first as the default; those that stand already are renamed."""
    for names, present in zip_longest(list(all_names), everything()):
        if names and present:
            rename(present, names)
        elif names:
            add(names)
    default_topic()


def default_topic() -> Topic:
    """Return the topic of those who choose none; the first one becomes it, made where there is none yet."""
    found = db.session.scalar(select(Topic).where(Topic.default).order_by(Topic.position, Topic.id).limit(1))
    if found is None:
        found = next(iter(everything()), None) or add(PROPOSED[0])
        make_default(found)
    return found


def add(names: Mapping[str, str], *, public: bool = True, default: bool = False) -> Topic:
    """Add a topic at the end of the list; its slug is made of the English name and stays for good."""
    texts = {f"name_{code}": name for code, name in names.items()}
    return save(Topic(), {**texts, "public": public, "default": default})


def save(topic: Topic, values: Mapping[str, Any], opened_on: int = 0) -> Topic:
    """Set the values on a new topic or one that there is, and return it; raises Collision.

    The default topic stays so until another becomes it.
    """
    if topic.id is None:
        topic.slug, topic.descriptions = _free_slug(values["name_en"]), {}
        topic.position = (db.session.scalar(select(func.max(Topic.position))) or 0) + 1
    else:
        changes.claim(topic, "topic", opened_on)
    changes.keep(topic, "topic", {**values, "default": bool(topic.default or values["default"])})
    if values["default"]:
        make_default(topic)
    return topic


def rename(topic: Topic, names: Mapping[str, str]) -> None:
    """Give other names; links and what people agreed to keep the slug."""
    topic.names = _named(names)


def make_default(topic: Topic) -> None:
    """Make it the one topic of those who choose none."""
    db.session.execute(update(Topic).where(Topic.id != topic.id).values(default=False))
    topic.default = True


def move(topic: Topic, *, up: bool) -> None:
    """Let a topic change places with its neighbor, and number all of them anew."""
    order = everything()
    at = order.index(topic)
    to = min(max(0, at - 1 if up else at + 1), len(order) - 1)
    order[at], order[to] = order[to], order[at]
    for position, each in enumerate(order):
        each.position = position


def everything() -> list[Topic]:
    """Return all topics, internal ones too, in their order."""
    return list(db.session.scalars(select(Topic).order_by(Topic.position, Topic.id)))


def _named(names: Mapping[str, str]) -> dict[str, str]:
    return {language: name.strip() for language, name in names.items() if name and name.strip()}


def _free_slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    wish = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50] or "topic"
    taken = set(db.session.scalars(select(Topic.slug).where(Topic.slug.startswith(wish))))
    return wish if wish not in taken else next(s for n in range(2, 10_000) if (s := f"{wish}-{n}") not in taken)
