"""Questions for tests."""

from typing import Any

from crm.contacts.custom_fields import questions
from crm.contacts.custom_fields.models import CustomField


def make_field(label: str = "Field of work", kind: str = "choice", **values: Any) -> CustomField:
    """A question; a choice is between health, teaching and law, unless other words are given."""
    words = values.pop("choices", ["Health", "Teaching", "Law"])
    texts = {f"{part}_{code}": "" for part in ("label", "hint") for code in ("en", "es", "ar")}
    given = {**texts, "label_en": label, "in_use": True, **values}
    if kind in ("choice", "several"):
        given["choices"] = [{"en": word} if isinstance(word, str) else word for word in words]
    return questions.save(CustomField(kind=kind), given)
