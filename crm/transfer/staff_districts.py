"""The page that imports the congressional districts of ZIP codes. All members share them, so no member's staff may."""

import tempfile
from pathlib import Path

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from crm.base.guards import requires
from crm.contacts import district_table
from crm.contacts.districts import Counts
from crm.extensions import db
from crm.transfer import districts
from crm.transfer.forms_influencers import DistrictsForm
from crm.transfer.influencers import BadRows
from crm.transfer.tabular import Refused

bp = Blueprint("district_import_staff", __name__, url_prefix="/staff/influencers/import/districts")


@bp.route("/", methods=["GET", "POST"])
@requires("settings.edit")
def index() -> str | Response | tuple[str, int]:
    """Replace the districts by those of a file, or where a row is bad, nothing."""
    form, bad = DistrictsForm(), list[str]()
    if form.validate_on_submit():
        try:
            counts = _import(form)
        except BadRows as error:
            bad = error.rows
            form.file.errors = [f"{error}; they are listed on this page. Nothing was imported."]
        except Refused as error:
            form.file.errors = [f"{error} Nothing was imported."]
        else:
            flash(f"{counts}.", "success")
            return redirect(url_for(".index"))
    page = render_template("transfer/districts.html", form=form, bad=bad, warning=district_table.warning())
    return page, 422 if form.errors else 200


def _import(form: DistrictsForm) -> Counts:
    db.session.commit()  # The file is stored and read now, which takes its time, and must hold no lock meanwhile.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "districts.csv"
        form.file.data.save(path)
        return districts.run(path, form.valid_from.data)
