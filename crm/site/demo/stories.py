"""The stories of the sample influencers, told in stories.yaml."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

CAMPAIGN = "Fair licensing"


@dataclass(frozen=True)
class Story:
    """One influencer: who, since how many days on record, how far, what was said, and what was asked."""

    first: str
    last: str
    role: str
    organization: str
    city: str
    state: str
    sector: str
    influence: int
    interest: int
    stage: str
    since: int
    email: str = ""
    talks: list[dict[str, Any]] = field(default_factory=list)
    ask: dict[str, Any] | None = None
    position: str = ""
    snoozed: dict[str, Any] | None = None


def tell() -> list[Story]:
    """Return the stories."""
    told = yaml.safe_load(Path(__file__).with_name("stories.yaml").read_text(encoding="utf-8"))
    return [Story(**story) for story in told]
