"""The application, for a web server: `gunicorn wsgi:app`."""

from crm import create_app
from crm.base import garbage, keys

app = create_app()
with app.app_context():
    keys.check()
garbage.leave_out_what_is_loaded()
