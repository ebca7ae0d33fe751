"""What the pages of influencers and asks are made of."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flask import current_app, render_template, request
from flask_login import current_user
from sqlalchemy import inspect, or_, select
from sqlalchemy.orm import joinedload

from crm.base import clock
from crm.base.changes import Collision
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import access, approaches, asks, bulk, directory, interactions, listing, notes, profiles, today
from crm.influencers.changes import Change, in_words
from crm.influencers.evidence import filing, kinds
from crm.influencers.evidence.forms import EvidenceForm
from crm.influencers.forms import InteractionForm, NoteForm, ReleaseForm, StepForm
from crm.influencers.models import OPEN_STEP, Ask, Influencer, Interaction, StageChange
from crm.influencers.network import screens as network
from crm.influencers.offices import passing_on, staffing, standing
from crm.influencers.participants import taking_part
from crm.influencers.positions import stances
from crm.influencers.positions.forms import PositionForm
from crm.influencers.positions.models import Position
from crm.influencers.reminders import due
from crm.influencers.snoozes import snoozing
from crm.influencers.snoozes.forms import SnoozeForm
from crm.influencers.snoozes.models import Snooze
from crm.influencers.stages import table
from crm.influencers.stages.forms import MoveForm
from crm.influencers.support import backing
from crm.influencers.tasks import screens as tasks

SCORES = [*((n, n) for n in "54321"), ("high", "High (4–5)"), ("low", "Low (1–3)"), ("none", "Not said")]


def filters(names: Iterable[str]) -> dict[str, str]:
    """Return the filters that the address of the page asks for."""
    return {name: request.args[name].strip() for name in names if request.args.get(name, "").strip()}


def find(influencer_id: int) -> Influencer | None:
    """Return the influencer of that id, where whoever looks may see it."""
    query = select(Influencer).where(Influencer.id == influencer_id, access.influencers(current_user))
    people = (Influencer.contact, Influencer.owner, Influencer.backup_owner, Influencer.released_by, Influencer.photo)
    query = query.options(
        *(joinedload(person) for person in people),
        joinedload(Influencer.positions).joinedload(Position.campaign),
        joinedload(Influencer.open_snoozes).joinedload(Snooze.user),
    )
    return db.session.scalars(query).unique().one_or_none()


def words() -> dict[str, Any]:
    """Return how pages call what they show, and the day."""
    return {
        "stages": table.labels(),
        "sectors": profiles.SECTORS,
        "categories": asks.CATEGORIES,
        "ask_states": asks.STATES,
        "lobbying": asks.LOBBYING,
        "stances": stances.STANCES,
        "today": clock.today(current_user.zone),
    }


def choices() -> dict[str, Any]:
    """Return the same, and what the filters of lists and board offer."""
    return {
        **words(),
        "owners": directory.staff("Anybody"),
        "campaigns": directory.campaigns("Any"),
        "scores": SCORES,
        "home_states": [(state, state) for state in listing.states(current_user)],
    }


def profile(
    influencer: Influencer,
    *,
    log_form: InteractionForm | None = None,
    release_form: ReleaseForm | None = None,
    note_form: NoteForm | None = None,
    snooze_form: SnoozeForm | None = None,
    position_form: PositionForm | None = None,
    near: Sequence[approaches.Approach] | None = None,
) -> str:
    """Render the profile page; `near` are approaches of others beside the days that were typed, today's otherwise."""
    day = clock.today(current_user.zone)
    found = _talks(influencer, day)
    shown = approaches.among(found, current_user, [day], day) if near is None else near
    form = log_form or InteractionForm(formdata=None, prefix="log", kind="call", held_on=day)
    form.show_approaches(shown)
    return render_template(
        "influencers/show.html",
        influencer=influencer,
        near=shown,
        warned=near is not None,
        coordinator=None if all(one.organization for one in shown) else approaches.coordinator(influencer),
        notes=notes.read(influencer, current_user),
        note_form=note_form or NoteForm(formdata=None, prefix="note"),
        kinds=interactions.KINDS,
        move_form=MoveForm(formdata=None, stage=influencer.stage, version=influencer.version),
        log_form=form,
        release_form=release_form or ReleaseForm(formdata=None, prefix="release"),
        form=log_form or release_form or note_form or snooze_form or position_form,
        snooze_form=snooze_form or SnoozeForm(formdata=None, prefix="snooze"),
        photo=influencer.photo,
        may_release=bulk.may_release(influencer, current_user),
        support=backing.of(influencer, current_user, day),
        **_standing(influencer, day, position_form),
        **_relationship(influencer, access.known(current_user, found), day),
        **network.of(influencer.contact, influencer=influencer),
        **words(),
    )


def ask_page(
    ask: Ask,
    *,
    tried: StepForm | None = None,
    tried_state: str = "",
    theirs: Sequence[Change] = (),
    evidence: EvidenceForm | None = None,
) -> str:
    """Render the page of an ask; `tried` is the form of a step that was refused, `evidence` that of a file."""
    forms = {
        step.to: tried
        if tried and step.to == tried_state
        else StepForm(formdata=None, prefix=step.to, version=ask.version, evidence_url=ask.evidence_url)
        for step in asks.STEPS[ask.state]
    }
    return render_template(
        "influencers/ask.html",
        ask=ask,
        steps=asks.STEPS[ask.state],
        open_states=asks.OPEN,
        forms=forms,
        tried_state=tried_state,
        form=tried or evidence,
        theirs=theirs,
        files=filing.of(ask),
        evidence=evidence or EvidenceForm(formdata=None, prefix="evidence"),
        kinds=kinds,
        largest=current_app.config["MAX_UPLOAD_MB"],
        reminders=due.reminders_of(ask),
        handed=passing_on.links(ask, current_user),
        units=asks.UNITS,
        in_words=in_words,
        tasks=tasks.section(ask.influencer, ask),
        **words(),
    )


def beginnings(contact_id: int | None) -> dict[str, Any]:
    """Return what the form for a new influencer begins with: the contact's names, where one is given."""
    contact = db.session.get(Contact, contact_id) if contact_id else None
    if contact is None:
        return {"owner_id": current_user.id, "stage": table.beginning().key}
    fields = ("first_name", "last_name", "organization_name", "email", "phone", "state")
    given = {name: getattr(contact, name) for name in fields}
    return {"owner_id": current_user.id, "stage": table.beginning().key, "contact_id": contact.id, **given}


def profile_values(influencer: Influencer) -> dict[str, Any]:
    """Return what the edit form shows: the columns of the profile and the names of the person."""
    columns = {column.key: getattr(influencer, column.key) for column in inspect(Influencer).column_attrs}
    return columns | {name: getattr(influencer.contact, name) for name in profiles.OF_CONTACT}


def moved_meanwhile(influencer: Influencer, collision: Collision, wanted: str) -> str:
    """Say who moved the influencer meanwhile, why, and that the move wanted here was not made."""
    last, names = collision.changes[-1], table.every_label()
    who = last.user.name if last.user else "Somebody"
    if last.user_id == current_user.id:
        who = "You yourself"
    reason = f" ({last.reason})" if isinstance(last, StageChange) and last.reason else ""
    return (
        f"{who} moved {influencer.name} to {names[influencer.stage]} meanwhile{reason}. Your move to {names[wanted]} "
        "was not made. Move again if it still holds."
    )


def noted_meanwhile(collision: Collision) -> str:
    """Say who took note of another position meanwhile, and that what was chosen here was not kept."""
    last = collision.changes[-1]
    who = last.user.name if last.user else "Somebody"
    reason = f" ({last.reason})" if last.reason else ""
    return f"{who} set it to {stances.STANCES[last.new_stance]} meanwhile{reason}. Save again if yours still holds."


def _talks(influencer: Influencer, day: date) -> list[Interaction]:
    """Return the last interactions, with those whose next step is open and those that are approaches by others."""
    open_step = access.own_interactions(current_user) & OPEN_STEP
    besides = or_(approaches.beside(current_user, [day]), open_step)
    return interactions.of(influencer.contact_id, current_user, besides=besides)


def _standing(influencer: Influencer, day: date, tried: PositionForm | None) -> dict[str, Any]:
    """Return positions with the form for them, offices, and until when and why the influencer is left alone."""
    found, form = stances.of(influencer), tried or PositionForm(formdata=None, prefix="position")
    form.show(found)
    return {
        "positions": found,
        "position_form": form,
        "snoozed": snoozing.present(influencer, day),
        "standing": standing.of(influencer),
        "is_near": standing.is_near,
        "office_roles": staffing.ROLES,
    }


def _relationship(influencer: Influencer, held: Sequence[Interaction], day: date) -> dict[str, Any]:
    """Return asks, interactions and tasks that whoever looks may see, and why the influencer counts as stale."""
    asked, to_do = _asks(influencer), tasks.section(influencer)
    last = max((one.held_on for one in held if one.held_on <= day), default=None)
    own = [one for one in held if one.organization_id == current_user.organization_id]
    has_next = (
        any(one.next_step and not one.next_step_done_at for one in own)
        or any(one.held_on > day for one in own)
        or any(ask.due_on and ask.state in asks.OPEN for ask in asked)
        or bool(to_do["open"])
    )
    stale = today.why_stale(table.patience().get(influencer.stage), last, has_next, day)
    seen = taking_part.seen(held, current_user)
    return {"asks": asked, "interactions": held, "tasks": to_do, "stale": stale, "people": seen}


def _asks(influencer: Influencer) -> list[Ask]:
    query = select(Ask).where(Ask.influencer_id == influencer.id, access.asks(current_user))
    found = db.session.scalars(query.options(joinedload(Ask.owner)).order_by(Ask.id.desc()))
    return sorted(found, key=lambda ask: ask.state not in asks.OPEN)
