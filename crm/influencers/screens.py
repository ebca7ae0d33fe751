"""What the pages of influencers and asks are made of."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flask import current_app, render_template, request
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import inspect, select
from sqlalchemy.orm import joinedload

from crm.base import clock
from crm.base.changes import Collision
from crm.campaigns import registry as campaigns
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import access, approaches, asks, interactions, listing, notes, profiles, today
from crm.influencers.changes import Change, in_words
from crm.influencers.evidence import filing, kinds
from crm.influencers.evidence.forms import EvidenceForm
from crm.influencers.forms import InteractionForm, NoteForm, ReleaseForm, StepForm, staff_choices
from crm.influencers.models import Ask, Influencer, StageChange
from crm.influencers.network import screens as network
from crm.influencers.participants import taking_part
from crm.influencers.positions import stances
from crm.influencers.positions.forms import PositionForm
from crm.influencers.reminders import due
from crm.influencers.snoozes import snoozing
from crm.influencers.snoozes.forms import SnoozeForm
from crm.influencers.stages import table
from crm.influencers.stages.forms import MoveForm

SCORES = [*((n, n) for n in "54321"), ("high", "High (4–5)"), ("low", "Low (1–3)"), ("none", "Not said")]


def filters(names: Iterable[str]) -> dict[str, str]:
    """Return the filters that the address of the page asks for."""
    return {name: request.args[name].strip() for name in names if request.args.get(name, "").strip()}


def find(influencer_id: int) -> Influencer | None:
    """Return the influencer of that id, where whoever looks may see it."""
    query = select(Influencer).where(Influencer.id == influencer_id, access.influencers(current_user))
    return db.session.scalar(query)


def choices() -> dict[str, Any]:
    """Return what the filters of lists and board offer."""
    return {
        "stages": table.labels(),
        "sectors": profiles.SECTORS,
        "categories": asks.CATEGORIES,
        "ask_states": asks.STATES,
        "lobbying": asks.LOBBYING,
        "owners": staff_choices("Anybody"),
        "stances": stances.STANCES,
        "campaigns": campaigns.choices("Any"),
        "scores": SCORES,
        "home_states": [(state, state) for state in listing.states(current_user)],
        "today": clock.today(current_user.zone),
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
    shown = approaches.others(influencer, current_user, [day], day) if near is None else near
    form = log_form or InteractionForm(formdata=None, prefix="log", kind="call", held_on=day)
    form.show_approaches(shown)
    return render_template(
        "influencers/show.html",
        influencer=influencer,
        near=shown,
        warned=near is not None,
        coordinator=approaches.coordinator(influencer) if shown else None,
        notes=notes.read(influencer, current_user),
        note_form=note_form or NoteForm(formdata=None, prefix="note"),
        kinds=interactions.KINDS,
        move_form=MoveForm(formdata=None, stage=influencer.stage, version=influencer.version),
        log_form=form,
        release_form=release_form or ReleaseForm(formdata=None, prefix="release"),
        form=log_form or release_form or note_form or snooze_form or position_form,
        snooze_form=snooze_form or SnoozeForm(formdata=None, prefix="snooze"),
        edits=_edits(influencer),
        in_words=in_words,
        stage_names=table.every_label(),
        **_standing(influencer, day, position_form),
        **_relationship(influencer, day),
        **network.of(influencer.contact),
        **choices(),
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
        forms=forms,
        tried_state=tried_state,
        form=tried or evidence,
        theirs=theirs,
        files=filing.of(ask),
        evidence=evidence or EvidenceForm(formdata=None, prefix="evidence"),
        kinds=kinds,
        largest=current_app.config["MAX_UPLOAD_MB"],
        reminders=due.reminders_of(ask),
        units=asks.UNITS,
        in_words=in_words,
        **choices(),
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


def _standing(influencer: Influencer, day: date, tried: PositionForm | None) -> dict[str, Any]:
    """Return the positions with the form for them, and until when and why the influencer is left alone."""
    found, form = stances.of(influencer), tried or PositionForm(formdata=None, prefix="position")
    form.show(found)
    return {
        "positions": found,
        "position_form": form,
        "position_changes": stances.changes_of(influencer),
        "snoozed": snoozing.present(influencer, day),
        "snoozes": snoozing.all_of(influencer),
    }


def _relationship(influencer: Influencer, day: date) -> dict[str, Any]:
    """Return the asks and interactions that whoever looks may see, and why the influencer counts as stale by them."""
    held, asked = interactions.of(influencer.contact_id, current_user), _asks(influencer)
    last = max((one.held_on for one in held if one.held_on <= day), default=None)
    own = [one for one in held if one.organization_id == current_user.organization_id]
    has_next = (
        any(one.next_step and not one.next_step_done_at for one in own)
        or any(one.held_on > day for one in own)
        or any(ask.due_on and ask.state in asks.OPEN for ask in asked)
    )
    stale = today.why_stale(table.patience().get(influencer.stage), last, has_next, day)
    return {"asks": asked, "interactions": held, "stale": stale, "people": taking_part.seen(held, current_user)}


def _asks(influencer: Influencer) -> list[Ask]:
    query = select(Ask).where(Ask.influencer_id == influencer.id, access.asks(current_user))
    found = db.session.scalars(query.options(joinedload(Ask.owner)).order_by(Ask.id.desc()))
    return sorted(found, key=lambda ask: ask.state not in asks.OPEN)


def first_error(form: FlaskForm) -> str:
    """Return the first error of a form in one line."""
    return next((str(error) for errors in form.errors.values() for error in errors), "")


def _edits(influencer: Influencer) -> list[Change]:
    query = select(profiles.ProfileChange).where(profiles.ProfileChange.influencer_id == influencer.id)
    return list(db.session.scalars(query.order_by(profiles.ProfileChange.id.desc()).limit(20)))
