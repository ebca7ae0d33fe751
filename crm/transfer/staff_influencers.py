"""The page that imports influencers."""

import tempfile
from pathlib import Path

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from crm.base.guards import requires
from crm.extensions import db
from crm.transfer import influencers, legislators
from crm.transfer.forms_influencers import InfluencersForm
from crm.transfer.influencers import BadRows, EndsMany, Result
from crm.transfer.legislators import UnknownCommittee
from crm.transfer.plain_yaml import Unreadable

bp = Blueprint("influencer_import_staff", __name__, url_prefix="/staff/influencers/import")

Page = str | Response | tuple[str, int]
SHOWN_ROWS = 50


@bp.route("/", methods=["GET", "POST"])
@requires("contacts.import")
def index() -> Page:
    """Import a file; where a row of it is bad, nothing, and say why."""
    form, bad = InfluencersForm(), list[str]()
    if form.validate_on_submit():
        try:
            result = _import(form)
        except BadRows as error:
            bad = error.rows
            form.file.errors = [f"{error}; they are listed below. Nothing was imported."]
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
    page = render_template("transfer/influencers.html", form=form, bad=bad[:SHOWN_ROWS], bad_count=len(bad))
    return page, 422 if form.errors else 200


def _import(form: InfluencersForm) -> Result:
    db.session.commit()  # The files are stored and read now, which takes its time, and must hold no lock meanwhile.
    with tempfile.TemporaryDirectory() as folder:
        path = _kept(form.file.data, Path(folder), "people")
        committees = _kept(form.committees.data, Path(folder), "seats") if form.committees.data else None
        if form.names.data:
            _kept(form.names.data, Path(folder)).rename(Path(folder) / legislators.NAMES_FILE)
        source = Path(form.file.data.filename).name
        return influencers.run(path, committees, form.wanted(), source=source, ends_many=form.ends_many.data)


def _kept(upload: FileStorage, folder: Path, stem: str = "names") -> Path:
    # The name that was sent says only what kind of file it is.
    path = folder / f"{stem}{Path(upload.filename or '').suffix.lower()[:5]}"
    upload.save(path)
    return path
