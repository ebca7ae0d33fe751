"""The page where a page of the site is written, and what its buttons do."""

from dataclasses import dataclass, field
from typing import Any

from flask import Response, flash, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.base import database
from crm.base.changes import Collision, Refused
from crm.base.locales import IN_ENGLISH, LANGUAGES
from crm.extensions import db
from crm.mailings.composer import desk, pictures
from crm.mailings.composer.block_form import Changed
from crm.site.pages import keeping, places, saying
from crm.site.pages.forms import PageForm
from crm.site.pages.models import SitePage

EDIT = "site_pages.edit"


@dataclass
class Writing:
    """A page in the language in which it is written just now, and what has to be told there."""

    page: SitePage
    language: str
    form: PageForm
    changed: Changed = field(default_factory=lambda: Changed(""))


def opened(page: SitePage) -> Writing:
    """Return the page in the language that the address names; in its main one where it has no such text."""
    asked = request.args.get("text", "")
    language = asked if asked in page.content else page.language
    return Writing(page, language, PageForm(page, language))


def save(writing: Writing) -> bool:
    """Keep what was typed, with the pictures that came with it; tell in the form why it cannot be."""
    form, page = writing.form, writing.page
    if not form.validate_on_submit():
        return False
    try:
        pictures.keep_sent(form.blocks, current_user)
        keeping.save(page, writing.language, form.values(), form.opened_on)
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal.field, str(refusal))
        return False
    except Collision:
        db.session.rollback()
        form.theirs = []
        form.show_again(page.version, {})
        return False
    return True


def after_saving(writing: Writing, then: str) -> str:
    """Do what the button says that saved it, tell it, and return the address of the next page."""
    page, (verb, _, language) = writing.page, then.partition(":")
    here = url_for(EDIT, page_id=page.id, text=writing.language)
    if verb == "preview":
        return url_for("site_pages.preview", page_id=page.id, text=writing.language)
    if verb == "text":
        return url_for(EDIT, page_id=page.id, text=language)
    if verb == "add":
        keeping.add_language(page, language)
        flash(f"There is a text in {IN_ENGLISH.get(language, language)} now, a copy to be translated.")
        return url_for(EDIT, page_id=page.id, text=language)
    if verb == "publish" and current_user.may("site.publish"):
        try:
            keeping.publish(page)
        except Refused as refusal:
            flash(f"It is saved, and not published yet. {refusal}", "error")
            return here
        flash("It is published. Visitors see it within ten seconds.", "success")
        return here
    flash("The draft is saved. Visitors see it once it is published.", "success")
    return here


def change(writing: Writing, do: str, gone: str) -> str | AnyResponse:
    """Change the blocks by a button, unsaved; with scripts, answer with their list alone."""
    writing.changed = desk.change(writing.form, do, gone)
    if request.headers.get("HX-Request") != "true":
        return show(writing)
    with database.looking():
        return render_template("mailings/composer/_blocks.html", **_of_blocks(writing))


def show(writing: Writing) -> Response:
    """Show the page."""
    page = writing.page
    with database.looking():
        values: dict[str, Any] = {**_of_blocks(writing), "page": page}
        values |= {"missing": [code for code in LANGUAGES if code not in page.content], "path": places.path_of(page)}
        values |= {"own_pages": places.everything_public()}
        values |= {"kinds_of_pages": keeping.KINDS, "is_published": saying.is_published}
        answer = desk.page("site/pages/edit.html", values)
    answer.status_code = 422 if writing.form.errors else writing.form.status
    return answer


def _of_blocks(writing: Writing) -> dict[str, Any]:
    return desk.values(writing.form, writing.form.blocks, writing.language, writing.changed)
