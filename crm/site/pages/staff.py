"""Where staff write the pages of the site."""

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from crm.base.guards import requires
from crm.extensions import db
from crm.mailings.composer import editing
from crm.mailings.composer.screens import read_what_is_too_long
from crm.site.pages import keeping, places, saying, screens, telling
from crm.site.pages.forms import WHAT_FOR, BeginForm
from crm.site.pages.models import SitePage, SitePageRevision

bp = Blueprint("site_pages", __name__, url_prefix="/staff/site")

Page = str | AnyResponse | tuple[str, int]


bp.url_value_preprocessor(read_what_is_too_long)


@bp.route("/")
@requires("site.see")
def index() -> str:
    """List the pages, posts and stories."""
    groups = [(kind, keeping.everything(kind)) for kind in keeping.KINDS]
    values = {"groups": groups, "title_of": saying.title_of, "path_of": places.path_of, "fixed": keeping.FIXED}
    values["is_published"] = saying.is_published
    return render_template("site/pages/index.html", **values)


@bp.route("/new", methods=["GET", "POST"])
@requires("site.edit")
def new() -> Page:
    """Begin a page, post or story."""
    form = BeginForm(data={"kind": request.args.get("kind", "page"), "language": "en"})
    if form.validate_on_submit():
        page = keeping.begin(**{name: form[name].data for name in ("kind", "language", "title")})
        db.session.commit()
        return redirect(url_for(".edit", page_id=page.id))
    return render_template("site/pages/new.html", form=form, what_for=WHAT_FOR), 422 if form.errors else 200


@bp.route("/fixed/<name>", methods=["POST"])
@requires("site.edit")
def open_fixed(name: str) -> AnyResponse:
    """Open the home page or the one about the coalition to be written."""
    if name not in keeping.FIXED:
        abort(404)
    page = keeping.fixed(name)
    db.session.commit()
    return redirect(url_for(".edit", page_id=page.id))


@bp.route("/<int:page_id>", methods=["GET", "POST"])
@requires("site.edit")
def edit(page_id: int) -> Page:
    """Write a page: its blocks are changed by buttons, and kept when it is saved."""
    writing = screens.opened(db.get_or_404(SitePage, page_id))
    if request.method == "POST" and "do" in request.form:
        return screens.change(writing, request.form["do"], request.form.get("gone", ""))
    if not screens.save(writing):
        return screens.show(writing)
    place = screens.after_saving(writing, request.form.get("then", ""))
    db.session.commit()
    return redirect(place)


@bp.route("/<int:page_id>/preview")
@requires("site.see")
def preview(page_id: int) -> str:
    """Show the draft, or what it said before, as visitors would read it."""
    page = db.get_or_404(SitePage, page_id)
    then = request.args.get("revision", 0, type=int)
    content = _revision(page, then).content if then else page.content
    return telling.page(page, content, request.args.get("text", ""), preview=True)


@bp.route("/<int:page_id>/history")
@requires("site.see")
def past(page_id: int) -> str:
    """List what the page said before."""
    page = db.get_or_404(SitePage, page_id)
    rows = keeping.revisions(page)
    names = editing.names_of([one.who for one in rows])
    return render_template("site/pages/history.html", page=page, title=saying.title_of(page), rows=rows, names=names)


@bp.route("/<int:page_id>/history/<int:revision_id>/restore", methods=["POST"])
@requires("site.edit")
def restore(page_id: int, revision_id: int) -> AnyResponse:
    """Let the draft say again what it said then."""
    page = db.get_or_404(SitePage, page_id)
    keeping.restore(page, _revision(page, revision_id))
    db.session.commit()
    flash("The draft says again what it said then. Visitors read it once it is published.", "success")
    return redirect(url_for(".edit", page_id=page_id))


@bp.route("/<int:page_id>/texts/<language>/remove", methods=["POST"])
@requires("site.edit")
def remove_language(page_id: int, language: str) -> AnyResponse:
    """Take the text in that language away."""
    keeping.remove_language(db.get_or_404(SitePage, page_id), language)
    db.session.commit()
    flash("The text is taken away. The history keeps what it said.")
    return redirect(url_for(".edit", page_id=page_id))


@bp.route("/<int:page_id>/withdraw", methods=["POST"])
@requires("site.publish")
def withdraw(page_id: int) -> AnyResponse:
    """Take a page off the site."""
    keeping.withdraw(db.get_or_404(SitePage, page_id))
    db.session.commit()
    flash("It is off the site. The draft stays here.", "success")
    return redirect(url_for(".edit", page_id=page_id))


@bp.route("/<int:page_id>/delete", methods=["POST"])
@requires("site.publish")
def delete(page_id: int) -> AnyResponse:
    """Delete a page with its history."""
    keeping.remove(db.get_or_404(SitePage, page_id))
    db.session.commit()
    flash("It is deleted.", "success")
    return redirect(url_for(".index"))


def _revision(page: SitePage, revision_id: int) -> SitePageRevision:
    found = db.session.get(SitePageRevision, revision_id)
    return found if found is not None and found.page_id == page.id else abort(404)


@bp.after_request
def not_kept(response: Response) -> Response:
    """Keep drafts out of shared caches."""
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response
