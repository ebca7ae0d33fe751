"""What the pages of influencers and asks are made of."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import render_template, request
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import inspect, select

from crm.base import clock
from crm.base.changes import Collision
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import asks, interactions, listing, pipeline, profiles, today
from crm.influencers.changes import Change, in_words
from crm.influencers.forms import InteractionForm, MoveForm, ReleaseForm, StepForm, staff_choices
from crm.influencers.models import Ask, Influencer, StageChange


def filters(names: Iterable[str]) -> dict[str, str]:
    """Return the filters that the address of the page asks for."""
    return {name: request.args[name].strip() for name in names if request.args.get(name, "").strip()}


def choices() -> dict[str, Any]:
    """Return what the filters of lists and board offer."""
    return {
        "stages": pipeline.STAGES,
        "sectors": profiles.SECTORS,
        "categories": asks.CATEGORIES,
        "ask_states": asks.STATES,
        "owners": staff_choices("Anybody"),
        "home_states": [(state, state) for state in listing.states()],
        "today": clock.today(current_user.zone),
        "open_ask": listing.open_ask,
    }


def profile(
    influencer: Influencer,
    *,
    log_form: InteractionForm | None = None,
    release_form: ReleaseForm | None = None,
) -> str:
    """Render the profile page."""
    day = clock.today(current_user.zone)
    held = interactions.of(influencer.contact_id)
    last = max((one.held_on for one in held), default=None)
    has_next = any(one.next_step and not one.next_step_done_at for one in held) or any(
        ask.due_on and ask.state in asks.OPEN for ask in influencer.asks
    )
    return render_template(
        "influencers/show.html",
        influencer=influencer,
        asks=sorted(influencer.asks, key=lambda ask: (ask.state not in asks.OPEN, -ask.id)),
        interactions=held,
        kinds=interactions.KINDS,
        stale=today.why_stale(influencer.stage, last, has_next, day),
        move_form=MoveForm(formdata=None, stage=influencer.stage, version=influencer.version),
        log_form=log_form or InteractionForm(formdata=None, prefix="log", kind="call", held_on=day),
        release_form=release_form or ReleaseForm(formdata=None, prefix="release"),
        form=log_form or release_form,
        edits=_edits(influencer),
        in_words=in_words,
        **choices(),
    )


def ask_page(ask: Ask, *, tried: StepForm | None = None, tried_state: str = "", theirs: Sequence[Change] = ()) -> str:
    """Render the page of an ask; `tried` is the form of a step that was refused."""
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
        form=tried,
        theirs=theirs,
        units=asks.UNITS,
        in_words=in_words,
        **choices(),
    )


def beginnings(contact_id: int | None) -> dict[str, Any]:
    """Return what the form for a new influencer begins with: the contact's names, where one is given."""
    contact = db.session.get(Contact, contact_id) if contact_id else None
    if contact is None:
        return {"owner_id": current_user.id}
    fields = ("first_name", "last_name", "organization_name", "email", "phone", "state")
    return {"owner_id": current_user.id, "contact_id": contact.id, **{name: getattr(contact, name) for name in fields}}


def profile_values(influencer: Influencer) -> dict[str, Any]:
    """Return what the edit form shows: the columns of the profile and the names of the person."""
    columns = {column.key: getattr(influencer, column.key) for column in inspect(Influencer).column_attrs}
    return columns | {name: getattr(influencer.contact, name) for name in profiles.OF_CONTACT}


def moved_meanwhile(influencer: Influencer, collision: Collision, wanted: str) -> str:
    """Say who moved the influencer meanwhile, and that the move wanted here was not made."""
    last = collision.changes[-1]
    who = last.user.name if last.user else "Somebody"
    if last.user_id == current_user.id:
        who = "You yourself"
    now = pipeline.STAGES[influencer.stage]
    reason = f" ({last.reason})" if isinstance(last, StageChange) and last.reason else ""
    return (
        f"{who} moved {influencer.name} to {now} meanwhile{reason}. Your move to {pipeline.STAGES[wanted]} "
        "was not made. Move again if it still holds."
    )


def first_error(form: FlaskForm) -> str:
    """Return the first error of a form in one line."""
    return next((str(error) for errors in form.errors.values() for error in errors), "")


def _edits(influencer: Influencer) -> list[Change]:
    query = select(profiles.ProfileChange).where(profiles.ProfileChange.influencer_id == influencer.id)
    return list(db.session.scalars(query.order_by(profiles.ProfileChange.id.desc()).limit(20)))
