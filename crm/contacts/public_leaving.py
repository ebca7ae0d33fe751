"""Pages behind the links at the foot of every mail: preferences, and leaving (RFC 8058)."""

from flask import abort, render_template, request
from flask_babel import gettext as _
from markupsafe import escape
from werkzeug.wrappers import Response

from crm.base import locales, networks, signing
from crm.base.database import reading
from crm.base.forms import row_number
from crm.base.guards import public
from crm.contacts import leaving, links, preferences, subscriptions, timeline, wordings
from crm.contacts.click_consent import agreeing
from crm.contacts.forms import PreferencesForm, ReasonForm
from crm.contacts.interest import asking
from crm.contacts.member_consent import agreeing as member_agreeing
from crm.contacts.merging import former
from crm.contacts.models import ConsentRecord, Contact, Topic
from crm.contacts.public import Page, bp, speak
from crm.extensions import csrf, db

ONE_CLICK = "One-Click"


@bp.get("/preferences/<token>")
@public
def preferences_page(token: str) -> Page:
    contact = _contact_of_preferences(token)
    return _preferences(token, contact, _preferences_form(contact), [])


@bp.post("/preferences/<token>")
@csrf.exempt
@public
def save_preferences(token: str) -> Page:
    contact = _contact_of_preferences(token)
    if "leave" in request.form:
        return _left(contact, leaving.unsubscribe(contact, None, method=preferences.METHOD, place=_place()), token)
    form = _preferences_form(contact)
    if not form.validate() or form.topics.unknown():
        db.session.commit()
        with reading():
            return _preferences(token, contact, form, [], 422)
    notes = _save(contact, form)
    db.session.commit()
    with reading():
        return _preferences(token, contact, _preferences_form(contact, fresh=True), notes)


@bp.get("/unsubscribe/<token>")
@public
def unsubscribe(token: str) -> Page:
    contact, topic = _target(token)
    if contact is None:
        abort(410)
    speak(contact.language)
    values = {"token": token, "contact": contact, "preferences_url": links.preferences(contact.id)}
    return render_template("contacts/public/unsubscribe.html", topic=topic, **values)


@bp.post("/unsubscribe/<token>")
@csrf.exempt
@public
def unsubscribe_now(token: str) -> Page:
    contact, topic = _target(token)
    if request.form.get("List-Unsubscribe") == ONE_CLICK:
        if contact is not None:
            leaving.unsubscribe(contact, topic, method="one_click", place="List-Unsubscribe")
            db.session.commit()
        return Response("Unsubscribed.\n", mimetype="text/plain")
    if contact is None:
        abort(410)
    everything = request.form.get("what") == "all" or topic is None
    record = leaving.unsubscribe(contact, None if everything else topic, method="unsubscribe_page", place=_place())
    return _left(contact, record, links.preferences_token(contact.id))


@bp.post("/preferences/<token>/undo")
@csrf.exempt
@public
def undo(token: str) -> Page:
    contact = _contact_of_preferences(token)
    try:
        leaving.undo(request.form.get("undo", ""), contact)
    except (leaving.Overtaken, signing.ExpiredToken):
        db.session.rollback()
        note = _("This cannot be taken back any more, because something was changed since. Choose your topics here.")
    else:
        db.session.commit()
        note = _("You are subscribed again, as before.")
    with reading():
        return _preferences(token, contact, _preferences_form(contact, fresh=True), [note])


@bp.post("/preferences/<token>/share")
@csrf.exempt
@public
def stop_sharing(token: str) -> Page:
    contact = _contact_of_preferences(token)
    ended = member_agreeing.take_back(
        contact, row_number(request.form.get("member", "")), method=preferences.METHOD, place=_place()
    )
    db.session.commit()
    note = _("It is taken back: that organization gets nothing about you from us any more.")
    with reading():
        return _preferences(token, contact, _preferences_form(contact, fresh=True), [note] if ended else [])


@bp.post("/preferences/<token>/reason")
@csrf.exempt
@public
def reason(token: str) -> Page:
    contact = _contact_of_preferences(token)
    form = ReasonForm()
    if form.validate():
        timeline.record(contact, "reason", "Reason for leaving: " + form.reason.data.replace("_", " "))
    db.session.commit()
    with reading():
        return render_template("contacts/public/thanks_for_reason.html", token=token)


def _contact_of_preferences(token: str) -> Contact:
    contact = former.contact(int(signing.read("preferences", token)))
    if contact is None:
        abort(410)
    speak(contact.language)
    return contact


def _target(token: str) -> tuple[Contact | None, Topic | None]:
    """Return whom an unsubscribe link is about, and which topic; no topic means all mail."""
    contact_id, _colon, list_id = signing.read("unsubscribe", token).partition(":")
    topic = next(iter(subscriptions.named([list_id])), None)
    return former.contact(int(contact_id)), topic


def _preferences_form(contact: Contact, fresh: bool = False) -> PreferencesForm:
    active = [slug for slug, state in subscriptions.states(contact).items() if state == subscriptions.ACTIVE]
    sent = request.form if request.method == "POST" and not fresh else None
    form = PreferencesForm(sent, obj=contact, data={"topics": active, "seen": agreeing.agreed(contact)})
    form.topics.offer(preferences.choices(contact))
    return form


def _save(contact: Contact, form: PreferencesForm) -> list[str]:
    """Save the page, and return what to tell the visitor about it."""
    values = {name: form[name].data or "" for name in ("first_name", "last_name", "language")}
    wording = wordings.current(locales.language())  # In the language of the page that was read.
    preferences.change_profile(contact, **values)
    asking.stay(contact)
    changes = preferences.choose_topics(
        contact,
        form.topics.data or [],
        wording=wording,
        place=_place(),
        network=networks.of_request(),
    )
    if "seen_asked" in request.form:
        words = agreeing.shown(request.form["seen_asked"])
        about = {"method": preferences.METHOD, "place": _place(), "ip": networks.of_request()}
        agreeing.choose(contact, form.seen.data, wording=words, **about)
    db.session.flush()
    speak(contact.language)
    notes = [_("Your preferences are saved.")]
    if changes.waiting:
        told = _("You had left %(topics)s. To get it again, press the button in the mail we just sent.")
        notes.append(escape(told) % {"topics": locales.listed(topic.shown() for topic in changes.waiting)})
    return notes


def _preferences(token: str, contact: Contact, form: PreferencesForm, notes: list[str], status: int = 200) -> Page:
    wording = wordings.current(locales.language())
    values = {"token": token, "contact": contact, "form": form, "notes": notes, "wording": wording}
    values["seen_wording"], values["shares"] = agreeing.asked(contact), member_agreeing.of(contact)
    return render_template("contacts/public/preferences.html", **values), status


def _left(contact: Contact, record: ConsentRecord, token: str) -> Page:
    db.session.commit()
    values = {
        "everything": record.evidence["all"],
        "undo": leaving.undo_token(record) if leaving.can_undo(record) else "",
        "form": ReasonForm(None),
    }
    names = locales.listed(topic.shown() for topic in subscriptions.named(record.topics.split()))
    with reading():
        return render_template("contacts/public/left.html", token=token, contact=contact, topics=names, **values)


def _place() -> str:
    return (request.endpoint or "").partition(".")[2]
