"""The page that imports influencers."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from crm.base.guards import requires
from crm.extensions import db
from crm.transfer import influencer_columns, influencer_runs, influencers, legislators
from crm.transfer.forms import mapping_of
from crm.transfer.forms_influencers import InfluencersForm
from crm.transfer.influencer_runs import MovedOn
from crm.transfer.influencers import BadRows, EndsMany, Result
from crm.transfer.legislators import UnknownCommittee
from crm.transfer.models import InfluencerImport
from crm.transfer.plain_yaml import Unreadable

bp = Blueprint("influencer_import_staff", __name__, url_prefix="/staff/influencers/import")

Page = str | Response | tuple[str, int]


@bp.route("/", methods=["GET", "POST"])
@requires("contacts.import")
def index() -> Page:
    """Take a CSV file, whose columns are settled next; or import legislators, and where a row is bad, nothing."""
    form, bad = InfluencersForm(), list[str]()
    if form.validate_on_submit():
        try:
            if not influencers.is_yaml(Path(form.file.data.filename)):
                return _uploaded(form.file.data)
            result = _import(form)
        except BadRows as error:
            bad = error.rows
            form.file.errors = [f"{error}; they are listed on this page. Nothing was imported."]
        except UnknownCommittee as error:
            form.codes.errors = [str(error)]
        except Unreadable as error:
            form.file.errors = [f"{error} Nothing was imported."]
        except EndsMany as error:
            form.ends_many.errors = [
                f"{error} Nothing was imported; if it is right, tick this and choose the files again."
            ]
        else:
            flash(f"{result}.", "success")
            return redirect(url_for("office_asks_staff.index" if result.offices_ended else "influencers_staff.index"))
    page = render_template("transfer/influencers.html", form=form, bad=bad)
    return page, 422 if form.errors else 200


@bp.route("/<int:number>")
@requires("contacts.import")
def show(number: int) -> Page:
    """Show the columns of a file, its first rows, and what its import would come to, or came to."""
    return _page(_found(number))


@bp.route("/<int:number>/check", methods=["POST"])
@requires("contacts.import")
def check(number: int) -> Page:
    """Settle the columns, and try the import without writing anything."""
    run = _found(number)
    mapping = mapping_of(request.form, len(run.header))
    try:
        influencer_runs.check(run, mapping, current_user)
    except Unreadable as error:
        return _page(_found(number), mapping, str(error)), 422
    except MovedOn as error:
        db.session.rollback()
        flash(str(error), "warning")
    return redirect(url_for(".show", number=number, _anchor="counted"))


@bp.route("/<int:number>/run", methods=["POST"])
@requires("contacts.import")
def start(number: int) -> Page:
    """Import the good rows."""
    try:
        influencer_runs.run_now(_found(number), current_user)
    except Unreadable as error:
        return _page(_found(number), problem=str(error)), 422
    except MovedOn as error:
        db.session.rollback()
        flash(str(error), "warning")
    return redirect(url_for(".show", number=number))


def _uploaded(upload: FileStorage) -> Response:
    db.session.commit()  # The file is stored and looked through now, and must hold no lock meanwhile.
    run = influencer_runs.receive(upload, current_user)
    db.session.commit()
    return redirect(url_for(".show", number=run.id))


def _found(number: int) -> InfluencerImport:
    return influencer_runs.find(number, current_user) or abort(404)


def _page(run: InfluencerImport, mapping: Sequence[str] = (), problem: str = "") -> str:
    return render_template(
        "transfer/influencer_columns.html",
        run=run,
        columns=influencer_runs.samples(run),
        fields=influencer_columns.FIELDS,
        mapping=mapping or run.mapping,
        problem=problem,
        form=FlaskForm(),
    )


def _import(form: InfluencersForm) -> Result:
    db.session.commit()  # The files are stored and read now, which takes its time, and must hold no lock meanwhile.
    with tempfile.TemporaryDirectory() as folder:
        path = _kept(form.file.data, Path(folder), "people")
        committees = _kept(form.committees.data, Path(folder), "seats") if form.committees.data else None
        if form.names.data:
            _kept(form.names.data, Path(folder)).rename(Path(folder) / legislators.NAMES_FILE)
        source, ends_many = Path(form.file.data.filename).name, form.ends_many.data
        return influencers.run(path, committees, form.wanted(), source=source, ends_many=ends_many, user=current_user)


def _kept(upload: FileStorage, folder: Path, stem: str = "names") -> Path:
    # The name that was sent says only what kind of file it is.
    path = folder / f"{stem}{Path(upload.filename or '').suffix.lower()[:5]}"
    upload.save(path)
    return path
