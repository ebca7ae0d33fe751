"""How many an audience is, counted while it is being chosen: a part of the composer, or a page of its own."""

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import Blueprint, render_template, request
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import SelectField

from crm.base import database
from crm.base.forms import row_or_none
from crm.base.guards import requires
from crm.contacts.models import Contact, Topic
from crm.contacts.topics import present_default
from crm.extensions import db
from crm.influencers import access
from crm.mailings import audience
from crm.mailings.audience import Reach
from crm.mailings.capping import telling
from crm.mailings.choosing import words
from crm.mailings.choosing.form import AudienceFields
from crm.mailings.models import KINDS, Mailing

bp = Blueprint("choosing_staff", __name__, url_prefix="/staff/mailings/audience")


class CountForm(AudienceFields, FlaskForm):
    """What a composer sends of the audience, whatever else stands in it."""

    kind = SelectField(choices=list(KINDS.items()), default="newsletter")
    topic_id = SelectField(coerce=row_or_none, validate_choice=False)
    mailing_id = SelectField(coerce=row_or_none, validate_choice=False)

    def __init__(self) -> None:
        super().__init__()
        self.offer_audience()


@dataclass(frozen=True)
class Counted:
    """An audience as it is chosen now: whom it reaches, some of them and why; or what is wrong with it."""

    reach: Reach = field(default_factory=Reach)
    sample: list[tuple[Contact, str]] = field(default_factory=list)
    capped: list[Contact] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    nobody: str = ""


@bp.route("/count", methods=["POST"])
@requires("mailings.edit")
def count() -> str:
    """Count the audience that is chosen in the form, unsaved; nothing is written."""
    part = request.headers.get("HX-Request") == "true"
    with database.looking():
        mailing, counted = _count(CountForm())
        values: dict[str, Any] = {"counted": counted, "audience": words.describe(mailing), "part": part}
        values |= {"cap": telling.before(mailing), "seen": partial(access.seen, current_user)}
        template = "mailings/choosing/_count.html" if part else "mailings/choosing/count.html"
        return render_template(template, **values)


def _count(form: CountForm) -> tuple[Mailing, Counted]:
    problems = [] if form.validate() else [str(error) for field in form for error in field.errors]
    mailing = _chosen(form)
    if problems:
        return mailing, Counted(problems=problems)
    reach = audience.reach(mailing)
    if reach.gone:
        return mailing, Counted(problems=[reach.gone])
    some = audience.sample(mailing)
    reasons = words.why(mailing, some)
    capped = db.session.scalars(audience.capped(mailing).limit(audience.SAMPLE)).all() if reach.capped else []
    nobody = "" if reach.recipients else words.nobody(mailing)
    return mailing, Counted(reach, [(one, reasons[one.id]) for one in some], list(capped), nobody=nobody)


def _chosen(form: CountForm) -> Mailing:
    """Return an unsaved mailing to that audience; of a saved one it has the id, by which exceptions are known."""
    kind = form.kind.data if form.kind.data in KINDS else "newsletter"
    nobodys = Topic(id=0, slug="", names={"en": "a topic that there is not yet"})
    topic = db.session.get(Topic, form.topic_id.data or 0) or present_default() or nobodys
    facts = {"topic_id": topic.id, "topic": topic, "kind": kind}
    return Mailing(id=form.mailing_id.data, audience=form.wanted().kept(), **facts)
