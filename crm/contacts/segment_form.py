"""A segment's definition as form fields, and back: it works without scripts, each change by a button.

The fields of the item at path g.0.1 are named g.0.1.kind, .op, .not, .n (a group with n items) or .field, .test,
.value (a condition). The button `do` carries what to change, e.g. `condition:g.0` adds a condition to that group.
"""

from collections.abc import Mapping
from typing import Any

from crm.base.segment_fields import segment_fields
from crm.contacts import segments
from crm.contacts.segments import MAX_CONDITIONS, MAX_DEPTH, NO_VALUE, TESTS

ROOT = "g"
FIRST_FIELD = "status"
Item = dict[str, Any]


def read(form: Mapping[str, str]) -> Item:
    """Return the definition that the fields spell; what cannot be read becomes blank, for `segments.check` to name."""
    return _read_group(form, ROOT, 1)


def apply(definition: Item, do: str) -> Item:
    """Return the definition after a button was pressed; a button that is not known changes nothing."""
    verb, _, path = do.partition(":")
    group, place = _find(definition, path)
    if group is None:
        return definition
    if verb == "remove" and place is not None:
        del group["items"][place]
        return definition
    target = group if place is None else group["items"][place]
    if verb in ("condition", "group") and "items" in target and len(target["items"]) < MAX_CONDITIONS:
        depth = path.count(".") + 1
        if verb == "condition":
            target["items"].append(new_condition())
        elif depth < MAX_DEPTH:
            target["items"].append({"op": "or", "not": False, "items": [new_condition()]})
    return definition


def new_condition() -> Item:
    """Return the condition that a new line begins with."""
    return _fit({"field": FIRST_FIELD, "test": "", "value": ""})


def _find(definition: Item, path: str) -> tuple[Item | None, int | None]:
    """Return the group that holds the item at the path, and its place; (root, None) for the root itself."""
    steps = path.split(".")
    if steps[0] != ROOT or not all(step.isascii() and step.isdigit() and len(step) < 4 for step in steps[1:]):
        return None, None
    group, place = definition, None
    for step in steps[1:]:
        if place is not None:
            group = group["items"][place]
        place = int(step)
        if "items" not in group or place >= len(group["items"]):
            return None, None
    return group, place


def _read_group(form: Mapping[str, str], path: str, depth: int) -> Item:
    number = form.get(f"{path}.n", "0")
    size = min(int(number), MAX_CONDITIONS) if number.isascii() and number.isdigit() and len(number) < 4 else 0
    items = [_read_item(form, f"{path}.{place}", depth) for place in range(size)]
    op = "or" if form.get(f"{path}.op") == "or" else "and"
    return {"op": op, "not": form.get(f"{path}.not") == "1", "items": [item for item in items if item]}


def _read_item(form: Mapping[str, str], path: str, depth: int) -> Item:
    if form.get(f"{path}.kind") == "group":
        return _read_group(form, path, depth + 1) if depth < MAX_DEPTH else {}
    parts = ("field", "test", "value")
    condition = {part: form.get(f"{path}.{part}", "").strip() for part in parts}
    if form.get(f"{path}.was", condition["field"]) != condition["field"]:
        condition["value"] = ""  # It was chosen for another field.
    return _fit(condition)


def _fit(condition: Item) -> Item:
    """Return the condition with a test, and a value, that its field knows: the field may just have been changed."""
    field = segment_fields.get(condition["field"])
    if field is None:
        return condition
    if condition["test"] not in TESTS[field.kind]:
        condition = {**condition, "test": next(iter(TESTS[field.kind])), "value": ""}
    if condition["test"] in NO_VALUE:
        condition["value"] = ""
    elif field.choices and not condition["value"]:
        condition["value"] = next((value for value, _ in field.choices()), "")
    return condition


def value_kind(condition: Item) -> str:
    """Return which control asks for the value: none, choice, date, days, number or text."""
    field = segment_fields.get(condition["field"])
    if field is None or condition["test"] in NO_VALUE:
        return "none"
    if field.choices:
        return "choice"
    if field.kind == "date":
        return "days" if condition["test"].endswith("_days") else "date"
    return "number" if field.kind == "number" else "text"


def value_choices(condition: Item) -> list[tuple[str, str]]:
    """Return the choices of the value, among them the one that stands there."""
    return segment_fields[condition["field"]].offered(condition["value"])


def groups_of_fields() -> dict[str, list[tuple[str, str]]]:
    """Return the fields, each with its label, under the words that part them in the menu."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name, field in segment_fields.items():
        groups.setdefault(field.group, []).append((name, field.label))
    return groups


def words() -> dict[str, Any]:
    """Return what the template of the editor asks for."""
    return {
        "fields": groups_of_fields(),
        "field_of": segment_fields.get,
        "tests": TESTS,
        "value_kind": value_kind,
        "value_choices": value_choices,
        "max_depth": segments.MAX_DEPTH,
    }
