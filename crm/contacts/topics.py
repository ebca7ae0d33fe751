"""Adding, naming and ordering topics."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, select

from crm.base import changes, slugs
from crm.contacts.models import SignUp, Subscription, Topic
from crm.extensions import db

PROPOSED = [
    {"en": "Action alerts", "es": "Alertas de acción", "ar": "تنبيهات للتحرك"},
    {"en": "Research and reports", "es": "Investigaciones e informes", "ar": "أبحاث وتقارير"},
    {"en": "Webinars and events", "es": "Seminarios web y eventos", "ar": "ندوات وفعاليات"},
]


def begin(all_names: Iterable[Mapping[str, str]]) -> None:
    """Begin with topics of these names, the first as the default.

    A topic that stands already is found by its English name, or given another where nobody has chosen it yet: what
    somebody agreed to never becomes something else.
    """
    wanted, standing = list(all_names), {_spoken(topic.name()): topic for topic in everything()}
    found = [standing.pop(_spoken(names["en"]), None) for names in wanted]
    free = [topic for topic in standing.values() if not _is_chosen(topic)]
    for names, present in zip(wanted, found, strict=True):
        if topic := present or (free.pop(0) if free else None):
            rename(topic, names)
        else:
            add(names)
    default_topic()


def default_topic() -> Topic:
    """Return the topic of those who choose none; the first one becomes it, made where there is none yet."""
    found = present_default() or add(PROPOSED[0])
    if not found.default:
        make_default(found)
    return found


def present_default() -> Topic | None:
    """Return the topic of those who choose none, if any: the default one, or else the first public one."""
    in_order = select(Topic).where(Topic.default | Topic.public)
    return db.session.scalar(in_order.order_by(Topic.default.desc(), Topic.position, Topic.id).limit(1))


def add(names: Mapping[str, str], *, public: bool = True, default: bool = False) -> Topic:
    """Add a topic at the end of the list; its slug is made of the English name and stays for good."""
    texts = {f"name_{code}": name for code, name in names.items()}
    return save(Topic(), {**texts, "public": public, "default": default})


def save(topic: Topic, values: Mapping[str, Any], opened_on: int = 0) -> Topic:
    """Set the values on a new topic or one that there is, and return it; raises Collision, Refused.

    The default topic stays so until another becomes it.
    """
    stays = bool(topic.default or values["default"])
    if stays and not values["public"]:
        raise changes.Refused("Visitors who choose no topic get this one. Make another the default first.", "public")
    if topic.id is None:
        wish = slugs.of(values["name_en"], 50) or "topic"
        topic.slug, topic.descriptions = slugs.free(wish, slugs.taken(wish, Topic.slug)), {}
        topic.position = (db.session.scalar(select(func.max(Topic.position))) or 0) + 1
    else:
        changes.claim(topic, "topic", opened_on)
    changes.keep(topic, "topic", {**values, "default": stays})
    if values["default"]:
        make_default(topic)
    return topic


def rename(topic: Topic, names: Mapping[str, str]) -> None:
    """Give other names; links and what people agreed to keep the slug."""
    topic.names = _named(names)


def make_default(topic: Topic) -> None:
    """Make it the one topic of those who choose none."""
    for other in db.session.scalars(select(Topic).where(Topic.default, Topic.id != topic.id).with_for_update()):
        changes.keep(other, "topic", {"default": False})
    changes.keep(topic, "topic", {"default": True})


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


def _is_chosen(topic: Topic) -> bool:
    subscribed = select(Subscription.id).where(Subscription.topic_id == topic.id).limit(1)
    asked_for = db.session.scalars(select(SignUp.topics))
    return db.session.scalar(subscribed) is not None or any(topic.slug in slugs for slugs in asked_for)


def _spoken(name: str) -> str:
    return " ".join(name.casefold().split())


def _named(names: Mapping[str, str]) -> dict[str, str]:
    return {language: name.strip() for language, name in names.items() if name and name.strip()}
