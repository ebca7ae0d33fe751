"""Where staff arrange the public menu and choose the color of the site."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crm.base.changes import Collision
from crm.base.forms import VersionedForm
from crm.base.guards import requires
from crm.extensions import db
from crm.site.looks import arranging, coloring
from crm.site.looks.forms import ColorForm
from crm.site.pages import places
from crm.site.pages.models import SiteSetting

bp = Blueprint("site_looks", __name__, url_prefix="/staff/site")

Page = str | Response | tuple[str, int]


@bp.route("/menu", methods=["GET", "POST"])
@requires("site.publish")
def menu() -> Page:
    """Say what stands in the menu and at the foot of the public pages, and in which order."""
    setting = _setting()
    form = VersionedForm(data={"version": setting.version})
    if form.validate_on_submit():
        try:
            arranging.arrange(setting, request.form, form.opened_on)
        except Collision as collision:
            form.theirs = collision.changes
            form.show_again(setting.version, {})
        else:
            db.session.commit()
            flash("The menu is saved. Visitors see it within ten seconds.", "success")
            return redirect(url_for(".menu"))
    rows = arranging.candidates(setting)
    return render_template("site/looks/menu.html", form=form, rows=rows, places=arranging.PLACES), form.status


@bp.route("/colors", methods=["GET", "POST"])
@requires("site.publish")
def colors() -> Page:
    """Choose the color of links and buttons."""
    setting = _setting()
    form = ColorForm(obj=setting)
    if form.saves(setting, coloring.save):
        db.session.commit()
        flash("The color is saved. Visitors see it within ten seconds.", "success")
        return redirect(url_for(".colors"))
    dark = coloring.on_dark(setting.primary) if setting.primary else ""
    return render_template("site/looks/colors.html", form=form, setting=setting, dark=dark), form.status


def _setting() -> SiteSetting:
    return places.setting_to_change() if request.method == "POST" else places.setting()
