"""YAML from strangers: plain data alone, without aliases, within bounds."""

from pathlib import Path
from typing import Any

import yaml

MAX_BYTES = 50_000_000
MAX_DEPTH = 32

# The loader in C is ten times faster where PyYAML was built with it; both make plain data only.
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Unreadable(Exception):
    """The file cannot be read; the message says what is wrong and what to do."""


def load(path: Path) -> tuple[Any, list[int]]:
    """Return the document, and the line on which each entry of its top-level list begins.

    Raises Unreadable. Aliases are refused before anything is built, as a few lines of them can
    stand for gigabytes ("billion laughs"), and so is deep nesting.
    """
    text = _decoded(path)
    try:
        lines = _survey(text, path.name)
        return yaml.load(text, Loader=Loader), lines  # noqa: S506 (a safe loader)
    except yaml.YAMLError as error:
        raise Unreadable(f"{path.name} is not YAML that can be read: {_told(error)}") from error
    except (ValueError, KeyError, AttributeError) as error:  # A tag such as !!bool on a word that is none.
        raise Unreadable(f"{path.name} holds a value that cannot be read: {error}") from error


def _decoded(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Unreadable(f"{path} cannot be opened: {error.strerror}.") from error
    if len(data) > MAX_BYTES:
        raise Unreadable(f"{path.name} is larger than {MAX_BYTES // 1_000_000} MB. Split it into smaller files.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"{path.name} is not UTF-8 (line {line}). Save it as “UTF-8” and try again.") from error


def _survey(text: str, name: str) -> list[int]:
    lines: list[int] = []
    depth = 0
    for event in yaml.parse(text, Loader=Loader):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable(f"{name} line {line} uses an alias (*{event.anchor}). Write the value out and try again.")
        if depth == 1 and isinstance(event, yaml.CollectionStartEvent | yaml.ScalarEvent):
            lines.append(line)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise Unreadable(f"{name} line {line} is nested more than {MAX_DEPTH} deep.")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return lines


def _told(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem}."
    return f"{error}."
