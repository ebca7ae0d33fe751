"""Staff pages of imports: upload, columns, dry run, progress, rows with errors."""

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from crm.base.guards import requires
from crm.base.pages import paginate
from crm.base.tables import send_csv
from crm.extensions import db
from crm.transfer import columns, mending, outcome, runs
from crm.transfer.forms import TermsForm, UploadForm, mapping_of
from crm.transfer.models import CHECKED, CHECKING, NEW, RUNNING, ImportRun
from crm.transfer.tabular import Refused

bp = Blueprint("transfer_staff", __name__, url_prefix="/staff/imports")

Page = str | BaseResponse | tuple[str, int]
SHOWN_FAULTS = 20


@bp.route("/", methods=["GET", "POST"])
@requires("contacts.import")
def index() -> Page:
    """Upload a file, and show what was imported so far."""
    form = UploadForm()
    if form.validate_on_submit():
        try:
            found = _received(form.file.data)
        except Refused as error:
            db.session.rollback()
            form.file.errors = [*form.file.errors, str(error)]
        else:
            db.session.commit()
            if len(found) > 1:
                flash(f"{len(found)} files are uploaded. Go through them in this order.", "success")
                return redirect(url_for(".index"))
            return redirect(url_for(".show", run_id=found[0].id))
    page = paginate(select(ImportRun).order_by(ImportRun.id.desc()), request.args.get("page", 1, type=int))
    return render_template("transfer/index.html", form=form, page=page, labels=columns.LABELS, words=outcome.STATES)


@bp.route("/<int:run_id>")
@requires("contacts.import")
def show(run_id: int) -> Page:
    """Show where an import stands, and what can be done with it now."""
    return _page(_found(run_id))


@bp.route("/<int:run_id>/progress")
@requires("contacts.import")
def progress(run_id: int) -> Page:
    """Show the part of the page that moves; where nothing moves any more, the whole page is asked for."""
    run = _found(run_id)
    answer = Response(render_template("transfer/_progress.html", run=run, words=outcome.STATES))
    if run.state not in (CHECKING, RUNNING):
        answer.headers["HX-Refresh"] = "true"
    return answer


@bp.route("/<int:run_id>/check", methods=["POST"])
@requires("contacts.import")
def check(run_id: int) -> Page:
    """Settle columns, topics and consent, and begin the dry run."""
    run = _found(run_id)
    form = TermsForm(run)
    mapping = mapping_of(request.form, len(run.header))
    if run.state not in (NEW, CHECKED) or not form.validate():
        return _page(run, form, mapping)
    try:
        runs.settle_terms(
            run, mapping=mapping, holds=form.holds.data, topics=form.topics.data, consent=form.consent.data
        )
    except Refused as error:
        db.session.rollback()
        return _page(run, form, mapping, str(error))
    db.session.flush()
    return _go(run, runs.start(run, CHECKING))


@bp.route("/<int:run_id>/run", methods=["POST"])
@requires("contacts.import")
def start(run_id: int) -> Page:
    """Begin to import, after the dry run."""
    run = _found(run_id)
    return _go(run, run.state == CHECKED and runs.start(run, RUNNING))


@bp.route("/<int:run_id>/stop", methods=["POST"])
@requires("contacts.import")
def stop(run_id: int) -> Page:
    """Stop; what was imported stays."""
    run = _found(run_id)
    return _go(run, runs.stop(run))


@bp.route("/<int:run_id>/continue", methods=["POST"])
@requires("contacts.import")
def go_on(run_id: int) -> Page:
    """Take a stopped import up again."""
    run = _found(run_id)
    return _go(run, runs.go_on(run))


@bp.route("/<int:run_id>/errors.csv")
@requires("contacts.import")
def errors(run_id: int) -> Page:
    """Send the rows with errors as a file that can be mended and imported again."""
    run = _found(run_id)
    try:
        lines = mending.lines(run)
    except OSError:
        flash("The file has been removed, 30 days after its upload. Upload it again.", "error")
        return redirect(url_for(".show", run_id=run_id))
    return send_csv(f"import-{run.id}-errors", lines)


def _received(upload: FileStorage) -> list[ImportRun]:
    actor = current_user.email
    db.session.commit()  # The file is read through now, which takes its time, and must hold no lock meanwhile.
    return runs.receive(upload.stream, upload.filename or "", actor=actor)


def _go(run: ImportRun, moved: bool) -> BaseResponse:
    if moved:
        db.session.commit()
    else:
        db.session.rollback()
        flash("The import has moved on meanwhile. This is where it stands now.", "warning")
    return redirect(url_for(".show", run_id=run.id))


def _page(run: ImportRun, form: TermsForm | None = None, mapping: object = None, error: str = "") -> str:
    return render_template(
        "transfer/run.html",
        run=run,
        form=form or TermsForm(run, formdata=None),
        error=error,
        mapping=mapping or run.mapping,
        columns=outcome.columns(run),
        fields=columns.fields(),
        label=columns.LABELS[run.program],
        ignored=columns.ignored(run.header, run.mapping),
        words=outcome.STATES,
        counted=outcome.counted(run),
        faults=mending.faults(run, SHOWN_FAULTS),
    )


def _found(run_id: int) -> ImportRun:
    return db.session.get(ImportRun, run_id) or abort(404)
