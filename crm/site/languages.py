"""Staff pages on which a named person reviews the translations of public text: CSV out, CSV in."""

import csv
import io
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from crm.base import audit, translations
from crm.base.guards import requires
from crm.base.locales import LANGUAGES, TRANSLATED
from crm.base.tables import csv_lines
from crm.extensions import db

bp = Blueprint("languages_staff", __name__, url_prefix="/staff/settings/languages")

HEADER = ["source", "translation", "reviewed_by"]
MAX_BYTES = 2 * 1024 * 1024


class ReviewForm(FlaskForm):
    """A file of translations, and the name of the person who read them."""

    file = FileField("File of reviewed translations (CSV)", validators=[FileRequired("Choose the CSV file.")])
    reviewer = StringField(
        "Reviewed by", validators=[DataRequired("Write the name of the person who reviewed them."), Length(max=200)]
    )


@bp.get("/")
@requires("settings.edit")
def index() -> str:
    """How far the review of each language is."""
    rows = [{"code": code, "name": LANGUAGES[code], **_progress(code)} for code in TRANSLATED]
    return render_template("site/staff/languages.html", rows=rows)


@bp.get("/<code>.csv")
@requires("settings.edit")
def export(code: str) -> AnyResponse:
    """All texts of a language, drafts first, to be read and mended in a spreadsheet."""
    found = sorted(translations.texts(_folder(), _known(code)), key=lambda text: text.reviewed_by != "")
    lines = csv_lines(HEADER, ((text.source, text.translation, text.reviewed_by) for text in found))
    headers = {"Content-Disposition": f"attachment; filename=groundswell-{code}.csv"}
    return Response("\ufeff" + "".join(lines), mimetype="text/csv", headers=headers)


@bp.route("/<code>", methods=["GET", "POST"])
@requires("settings.edit")
def review(code: str) -> str | AnyResponse:
    """Take a file of reviewed translations."""
    form, refused = ReviewForm(), list[str]()
    if form.validate_on_submit():
        taken, refused = take(_known(code), form.file.data.read(MAX_BYTES + 1), form.reviewer.data)
        if taken:
            audit.record("review", "translations", language=code, texts=taken)
            db.session.commit()
            flash(f"{taken} texts reviewed by {form.reviewer.data}.")
        if not refused:
            return redirect(url_for(".index"))
    values = {"code": _known(code), "name": LANGUAGES[code], **_progress(code)}
    return render_template("site/staff/language.html", form=form, refused=refused, **values)


def take(language: str, data: bytes, reviewer: str) -> tuple[int, list[str]]:
    """Review each filled row of the file; returns how many were taken, and what is wrong with the others."""
    try:
        rows = list(csv.DictReader(io.StringIO(data[: MAX_BYTES + 1].decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return 0, ["The file cannot be read: save it as CSV in UTF-8 and try again."]
    if len(data) > MAX_BYTES or not rows or not {"source", "translation"} <= set(rows[0]):
        return 0, ["The file needs the columns source and translation, and may not be larger than 2 MB."]
    known = {text.source for text in translations.texts(_folder(), language)}
    taken, refused = 0, []
    for number, row in enumerate(rows, start=2):
        source = _unquoted(row["source"] or "")
        try:
            _take_row(language, known, source, _unquoted(row["translation"] or ""), reviewer)
            taken += 1
        except translations.BadTranslation as error:
            refused.append(f"Line {number} ({source[:60]}): {error}.")
    return taken, refused


def _take_row(language: str, known: set[str], source: str, translation: str, reviewer: str) -> None:
    if source not in known:
        raise translations.BadTranslation("this text is not in the catalog")
    translations.review(language, source, translation, reviewer)


def _unquoted(cell: str) -> str:
    # What csv_lines put before a cell that a spreadsheet would run as a formula.
    return cell[1:] if cell.startswith("'") and cell[1:2] in "=+-@" else cell


def _progress(code: str) -> dict[str, int]:
    found = translations.texts(_folder(), code)
    return {"total": len(found), "reviewed": sum(text.reviewed_by != "" for text in found)}


def _known(code: str) -> str:
    return code if code in TRANSLATED else abort(404)


def _folder() -> Path:
    return Path(current_app.config["BABEL_TRANSLATION_DIRECTORIES"])
