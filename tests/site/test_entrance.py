"""What whoever starts the program is told about the way in."""

from crm.extensions import db
from crm.site import entrance, installation
from crm.site.demo import coalition, loading


def test_a_new_installation_names_its_setup_page_with_the_code(bare_app):
    assert entrance.lines() == [f"Set it up at       {{url}}/setup?code={installation.code()}"]


def test_an_installation_names_its_login(app):
    assert entrance.lines() == ["Staff log in at    {url}/login"]


def test_sample_data_comes_with_its_login(bare_app):
    loading.load()
    db.session.commit()
    assert entrance.lines()[1] == f"  as {coalition.ADMIN} with {coalition.password()}"
