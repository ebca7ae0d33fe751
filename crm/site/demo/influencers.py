"""A dozen invented influencers, each with a story: interactions, stages, and one ask."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from crm.accounts.models import User
from crm.campaigns.models import Campaign
from crm.contacts import sources
from crm.contacts.models import Contact, TimelineEntry
from crm.extensions import db
from crm.influencers.asks import STATES
from crm.influencers.models import Ask, AskChange, Influencer, Interaction, StageChange
from crm.influencers.positions.models import Position, PositionChange
from crm.influencers.saved_filters.models import SavedFilter
from crm.influencers.snoozes.models import Snooze
from crm.influencers.stages import table
from crm.site.demo.coalition import Stage
from crm.site.demo.stories import CAMPAIGN, Story, tell

ZONE = ZoneInfo("America/New_York")
# The states that an ask has gone through on its way.
WAYS = {
    "planned": [],
    "made": ["made"],
    "agreed": ["made", "agreed"],
    "delivered": ["made", "agreed", "delivered"],
    "declined": ["made", "declined"],
    "lapsed": ["made", "lapsed"],
}


@dataclass(frozen=True)
class Scene:
    """One influencer in the making."""

    stage: Stage
    story: Story
    contact: Contact
    owner: User | None

    def day(self, days_ago: int) -> datetime:
        """Return ten in the morning, Boston time, so many days ago."""
        return datetime.combine(self.stage.today - timedelta(days=days_ago), time(10), ZONE)

    def told(self, days_ago: int, kind: str, title: str, url: str = "") -> TimelineEntry:
        """Return an entry of the timeline."""
        actor = self.owner.email if self.owner else ""
        return TimelineEntry(
            contact_id=self.contact.id, at=self.day(days_ago), kind=kind, title=title, url=url, actor=actor
        )


def add(stage: Stage) -> list[Influencer]:
    """Add the influencers with their asks, interactions and histories."""
    campaign = Campaign(name=CAMPAIGN, description="Full licenses for those who trained abroad, state by state.")
    campaign.starts_on = stage.goal_start
    db.session.add(campaign)
    source = sources.find_or_make("staff", "Entered by staff")
    made = []
    for number, story in enumerate(tell()):
        contact = Contact(
            first_name=story.first,
            last_name=story.last,
            organization_name=story.organization,
            email=story.email or None,
            city=story.city,
            state=story.state,
            source_id=source.id,
            share_code=f"demo{number:08d}",
        )
        db.session.add(contact)
        db.session.flush()
        owner = stage.staff[number % min(2, len(stage.staff))] if stage.staff else None
        made.append(_tell(Scene(stage, story, contact, owner), campaign))
    _save_a_filter(stage)
    return made


def _save_a_filter(stage: Stage) -> None:
    if stage.staff:
        saved = SavedFilter(user=stage.staff[0], name="Money and places, still open", shared=True)
        saved.wanted = {"category": "resources", "state": "open"}
        db.session.add(saved)


def _tell(scene: Scene, campaign: Campaign) -> Influencer:
    story, contact = scene.story, scene.contact
    contact.created_at = contact.updated_at = scene.day(story.since)
    influencer = Influencer(
        contact=contact,
        role=story.role,
        body=story.organization,
        state=story.state,
        sector=story.sector,
        influence=story.influence,
        interest=story.interest,
        stage=table.settle(story.stage).key,
        stage_since=scene.day(story.since),
        owner=scene.owner,
        basis="Public office or public work; met through a member organization.",
        created_at=scene.day(story.since),
    )
    db.session.add(influencer)
    db.session.flush()
    _moves(scene, influencer)
    for talk in story.talks:
        _talk(scene, talk)
    if story.ask:
        _ask(scene, influencer, campaign)
    _standing(scene, influencer, campaign)
    return influencer


def _moves(scene: Scene, influencer: Influencer) -> None:
    url = f"/staff/influencers/{influencer.id}"
    labels = table.labels()
    names = list(labels)
    way = names[: names.index(influencer.stage) + 1]
    db.session.add(scene.told(scene.story.since, "influencer", "Became an influencer", url))
    for number, (old, new) in enumerate(pairwise(way), start=1):
        days_ago = max(2, scene.story.since - number * scene.story.since // (len(way) + 1))
        influencer.version, influencer.stage_since = number + 1, scene.day(days_ago)
        change = StageChange(influencer_id=influencer.id, at=scene.day(days_ago), user=scene.owner, version=number + 1)
        change.old_stage, change.new_stage = old, new
        db.session.add(change)
        db.session.add(scene.told(days_ago, "stage", f"Moved from {labels[old]} to {labels[new]}", url))


def _standing(scene: Scene, influencer: Influencer, campaign: Campaign) -> None:
    if stance := scene.story.position:
        position = Position(influencer_id=influencer.id, campaign=campaign, stance=stance, version=1)
        change = PositionChange(position=position, at=scene.day(10), user=scene.owner, version=1)
        change.old_stance, change.new_stance = "unknown", stance
        db.session.add(change)
    if told := scene.story.snoozed:
        until = scene.stage.today + timedelta(days=told["days"])
        snooze = Snooze(influencer_id=influencer.id, reason=told["reason"], until=until, user=scene.owner)
        snooze.created_at = scene.day(3)
        db.session.add(snooze)
        db.session.add(
            scene.told(3, "influencer", f"Snoozed until {until:%B} {until.day}, {until.year}: {snooze.reason}")
        )


def _talk(scene: Scene, talk: dict[str, Any]) -> None:
    due = talk.get("due")
    interaction = Interaction(
        contact=scene.contact,
        kind=talk["kind"],
        held_on=scene.stage.today - timedelta(days=talk["ago"]),
        summary=talk["said"],
        next_step=talk.get("next", ""),
        next_step_due=scene.stage.today + timedelta(days=due) if due is not None else None,
        next_step_done_at=scene.day(max(0, -due) // 2) if talk.get("done") and due is not None else None,
        user_id=scene.owner.id if scene.owner else None,
        created_at=scene.day(talk["ago"]),
    )
    db.session.add(interaction)
    db.session.add(scene.told(talk["ago"], "interaction", f"{talk['kind'].capitalize()}: {talk['said']}"))


def _ask(scene: Scene, influencer: Influencer, campaign: Campaign) -> None:
    told = dict(scene.story.ask or {})
    way = WAYS[told["state"]]
    ask = Ask(influencer=influencer, campaign=campaign, owner=scene.owner, version=1 + len(way))
    ask.title, ask.category, ask.detail = told["title"], told["category"], told.get("detail", "")
    ask.talking_points = "\n".join(told.get("points", ()))
    ask.due_on = scene.stage.today + timedelta(days=told["due"])
    ask.state, ask.outcome, ask.evidence_url = told["state"], told.get("outcome", ""), told.get("evidence", "")
    ask.value, ask.unit = (Decimal(told["value"]), told["unit"]) if "value" in told else (None, "")
    ask.lobbying, ask.bill = told.get("lobbying", ""), told.get("bill", "")
    ask.hours, ask.cost = (Decimal(told[name]) if name in told else None for name in ("hours", "cost"))
    ask.paid_by = scene.stage.members[0] if ask.cost and scene.stage.members else None
    begun = told["begun"]
    ask.created_at = scene.day(begun)
    db.session.add(ask)
    ask.history.append(_step(scene, "", "planned", begun, 1))
    db.session.add(scene.told(begun, "ask", f"Ask planned: {ask.title}"))
    for number, (old, new) in enumerate(zip(["planned", *way], way, strict=False), start=1):
        days_ago = max(1, begun - number * begun // (len(way) + 1))
        ask.history.append(
            _step(scene, old, new, days_ago, number + 1, told.get("reason", "") if number == len(way) else "")
        )
        ask.state_since = scene.day(days_ago)
        db.session.add(scene.told(days_ago, "ask", f"Ask {STATES[new].lower()}: {ask.title}"))


def _step(scene: Scene, old: str, new: str, days_ago: int, version: int, reason: str = "") -> AskChange:
    change = AskChange(old_state=old, new_state=new, at=scene.day(days_ago), version=version, reason=reason, changes={})
    change.user = scene.owner
    return change
