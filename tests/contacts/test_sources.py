"""Each distinct source is one row, however often it is met."""

from crm.contacts import sources
from crm.contacts.models import Source
from crm.extensions import db
from crm.organizations import members
from crm.organizations.models import Organization
from tests import factories


def trail(**values):
    return sources.Trail.of(values)


def test_the_same_visit_is_one_source(app):
    first = sources.of_visit(trail(utm_source="flyer"))
    assert sources.of_visit(trail(utm_source="flyer")) == first
    assert sources.of_visit(trail(utm_source="flyer", utm_medium="print")) != first


def test_a_visit_without_a_trail_came_by_the_website(app):
    assert db.session.get(Source, sources.of_visit(trail())).label == "Website"


def test_a_member_is_credited_before_the_words_of_the_link(app):
    member = factories.make_organization("Harbor House", is_member=True, via="harbor")
    source = db.session.get(Source, sources.of_visit(trail(via="harbor", utm_source="flyer")))
    assert (source.organization_id, source.label) == (member.id, "Harbor House")


def test_a_member_is_credited_with_who_came_by_its_code_before_it_was_given(app):
    early, other = sources.of_visit(trail(via="harbor", utm_source="flyer")), sources.of_visit(trail(via="harbour"))
    member = members.save(Organization(), {"name": "Harbor House", "is_member": True, "via": "harbor"})
    db.session.expire_all()
    source = db.session.get(Source, early)
    assert (source.organization_id, source.kind, source.label) == (member.id, "member", "Harbor House")
    assert sources.of_visit(trail(via="harbor", utm_source="flyer")) == early
    assert db.session.get(Source, other).kind == "website"


def test_a_code_that_passes_to_another_member_credits_that_one_from_then_on(app):
    first = members.save(Organization(), {"name": "Harbor House", "is_member": True, "via": "harbor"})
    before = sources.of_visit(trail(via="harbor"))
    members.save(first, {"name": "Harbor House", "via": "house"}, first.version)
    assert sources.of_visit(trail(via="harbor")) == before
    second = members.save(Organization(), {"name": "Harbor College", "is_member": True, "via": "harbor"})
    after = sources.of_visit(trail(via="harbor"))
    db.session.expire_all()
    assert db.session.get(Source, before).organization_id == first.id
    assert db.session.get(Source, after).organization_id == second.id


def test_an_unknown_code_credits_nobody(app):
    source = db.session.get(Source, sources.of_visit(trail(via="<b>nobody</b>")))
    assert (source.kind, source.label, source.organization_id) == ("website", "Website", None)


def test_typed_sources_are_cut_and_printable(app):
    assert trail(utm_source="a\x00b\n c" + "x" * 500).utm_source == ("ab c" + "x" * 500)[:100]


def test_an_import_has_one_source_for_each_label(app):
    first = sources.find_or_make("import", "Action Network export")
    assert sources.find_or_make("import", "Action Network export").id == first.id
    assert sources.find_or_make("import", "Mailchimp export").id != first.id
