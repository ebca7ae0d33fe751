"""Settings pages: the coalition, its topics, and the consent wordings."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base import audit
from crm.base.guards import requires
from crm.contacts import topics, wordings
from crm.contacts.models import ConsentWording, Topic
from crm.extensions import db
from crm.organizations import coalition
from crm.site import consent_review
from crm.site.settings_forms import CoalitionForm, ReviewForm, TopicForm, WordingForm

bp = Blueprint("settings_staff", __name__, url_prefix="/staff/settings")

Page = str | Response | tuple[str, int]


@bp.route("/", methods=["GET", "POST"])
@requires("settings.edit")
def index() -> Page:
    """Change the coalition's data."""
    found = coalition.current() or abort(404)
    form = CoalitionForm(obj=found)
    if form.saves(found, coalition.save):
        db.session.commit()
        flash("The settings are saved.", "success")
        return redirect(url_for(".index"))
    return render_template("site/staff/settings.html", form=form), form.status


@bp.route("/topics")
@requires("settings.edit")
def topic_list() -> str:
    """Show the topics in their order."""
    return render_template("site/staff/topics.html", topics=topics.everything())


@bp.route("/topics/new", methods=["GET", "POST"])
@requires("settings.edit")
def add_topic() -> Page:
    """Add a topic."""
    return _topic(Topic(), TopicForm())


@bp.route("/topics/<int:topic_id>", methods=["GET", "POST"])
@requires("settings.edit")
def edit_topic(topic_id: int) -> Page:
    """Rename a topic, or change who may choose it."""
    topic = db.session.get(Topic, topic_id) or abort(404)
    return _topic(topic, TopicForm(obj=topic))


@bp.route("/topics/<int:topic_id>/move", methods=["POST"])
@requires("settings.edit")
def move_topic(topic_id: int) -> Response:
    """Move a topic up or down in the list that visitors see."""
    topic = db.session.get(Topic, topic_id) or abort(404)
    topics.move(topic, up=request.form.get("to") == "up")
    db.session.commit()
    return redirect(url_for(".topic_list"))


@bp.route("/consent", methods=["GET", "POST"])
@requires("settings.edit")
def consent() -> Page:
    """Show the wordings of each language for one purpose, and take a new one."""
    form, purpose = WordingForm(), request.args.get("purpose", wordings.SIGN_UP)
    about = wordings.purpose_of(purpose) or abort(404)
    if form.validate_on_submit():
        added = wordings.draft(form.language.data, form.text.data.strip(), purpose)
        audit.record("draft", "consent_wording", added.id, language=added.language)
        db.session.commit()
        flash("The wording is kept as a draft. It is shown to visitors once somebody has reviewed it.", "success")
        return redirect(url_for(".review", wording_id=added.id))
    shown = consent_review.by_language(purpose, coalition.name())
    return render_template("site/staff/consent.html", form=form, languages_shown=shown, purpose=purpose, about=about)


@bp.route("/consent/<int:wording_id>", methods=["GET", "POST"])
@requires("settings.edit")
def review(wording_id: int) -> Page:
    """Stand for a wording by name, which shows it to visitors from now on."""
    wording = db.session.get(ConsentWording, wording_id) or abort(404)
    form = ReviewForm(data={"reviewed_by": current_user.name})
    if form.validate_on_submit():
        wordings.review(wording, form.reviewed_by.data.strip())
        wordings.go_live(wording)
        audit.record("review", "consent_wording", wording.id, reviewed_by=wording.reviewed_by)
        db.session.commit()
        flash("Visitors see this wording from now on.", "success")
        return redirect(url_for(".consent", purpose=wording.purpose))
    return render_template("site/staff/wording.html", form=form, wording=wording)


def _topic(topic: Topic, form: TopicForm) -> Page:
    if form.saves(topic, topics.save):
        db.session.commit()
        flash(f"The topic {topic.name()} is saved.", "success")
        return redirect(url_for(".topic_list"))
    return render_template("site/staff/topic.html", form=form, topic=topic), form.status
