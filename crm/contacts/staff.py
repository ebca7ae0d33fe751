"""Staff pages of people: the list, what can be done to many at once, and what is added by hand."""

from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from crm.base import audit
from crm.base.forms import row_number
from crm.base.guards import requires
from crm.base.pages import paginate
from crm.base.tables import send_csv
from crm.contacts import by_hand, export, listing, marks, segments, status, tagging
from crm.contacts.forms_staff import AddForm, TagForm
from crm.contacts.models import Contact
from crm.extensions import db
from crm.organizations import coalition

bp = Blueprint("contacts_staff", __name__, url_prefix="/staff/people")

Page = str | BaseResponse
MOST_ON_PAGE = 200


@bp.route("/")
@requires("contacts.see")
def index() -> str:
    """Search, filter, sort and page through people."""
    sort, order = request.args.get("sort", "added"), request.args.get("order", "desc")
    described = listing.definition(request.args)
    number = request.args.get("page", 1, type=int)
    page = paginate(listing.query(described, sort, order), min(number, 1_000_000))
    more = listing.more_filters(request.args)
    return render_template(
        "contacts/staff/index.html",
        page=page,
        sort=sort,
        order=order,
        statuses=status.of(page.rows),
        marks=marks.of([contact.id for contact in page.rows]),
        filtered=bool(described["items"]),
        problems=listing.problems(request.args),
        choices=listing.choices,
        short=listing.SHORT,
        more=more,
        more_open=any(request.args.get(name) for name in ("segment", *more)),
        segments=segments.everything(),
        tag_form=TagForm(formdata=None),
    )


@bp.route("/tag", methods=["POST"])
@requires("contacts.edit")
def tag_many() -> BaseResponse:
    """Tag, or untag, the people ticked on a page or everybody whom its filter describes."""
    form = TagForm()
    if not form.validate():
        flash("Enter a tag of at most 200 characters.", "error")
        return redirect(_back())
    everybody = request.form.get("which") == "all"
    if everybody and (unread := listing.problems(request.args)):
        flash(" ".join(unread), "error")
        return redirect(_back())
    ids = tagging.ids_of(listing.definition(request.args)) if everybody else _ticked()
    if request.form.get("do") == "remove":
        flash(f"Took the tag “{form.tag.data}” from {tagging.remove(ids, form.tag.data):,} people.", "success")
    elif ids:
        flash(f"Tagged {tagging.add(ids, form.tag.data):,} people with “{form.tag.data}”.", "success")
    else:
        flash("Nobody is ticked. Tick people in the list, or choose everybody found.", "error")
    return redirect(_back())


@bp.route("/export", methods=["POST"])
@requires("contacts.export")
def export_csv() -> BaseResponse:
    """Send the people found as CSV, and write down who took them."""
    if unread := listing.problems(request.args):
        flash(" ".join(unread), "error")
        return redirect(_back())
    described = listing.definition(request.args)
    audit.record("export", "contact", people=segments.count(described), filter=segments.describe(described))
    name = f"people-{coalition.today()}"
    db.session.commit()
    return send_csv(name, export.lines(described))


@bp.route("/new", methods=["GET", "POST"])
@requires("contacts.edit")
def add() -> Page:
    """Add somebody by hand."""
    form = AddForm()
    if form.validate_on_submit():
        try:
            contact = by_hand.add(_new_contact(form))
        except by_hand.Refused as error:
            db.session.rollback()
            form.email.errors = [*form.email.errors, str(error)]
            return render_template("contacts/staff/add.html", form=form, known=_known(form))
        db.session.commit()
        asked = form.how.data == by_hand.ASK
        flash(f"{contact.name} is on record{'; a confirmation mail is on its way' if asked else ''}.", "success")
        return redirect(url_for("contact_staff.show", contact_id=contact.id))
    return render_template("contacts/staff/add.html", form=form, known=None)


def _back() -> str:
    return f"{url_for('.index')}?{urlencode(request.args.to_dict())}"


def _ticked() -> list[int]:
    texts = request.form.getlist("id")[:MOST_ON_PAGE]
    return [number for number in map(row_number, texts) if number]


def _new_contact(form: AddForm) -> by_hand.NewContact:
    return by_hand.NewContact(
        email=form.email.data or "",
        profile=form.profile(),
        topics=form.topics.data or [],
        how=form.how.data,
        reason=form.reason.data or "",
    )


def _known(form: AddForm) -> Contact | None:
    return by_hand.with_email(form.email.data) if form.email.data else None
