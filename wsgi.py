"""The application, for a web server: `gunicorn wsgi:app`."""

from crm import create_app
from crm.base import garbage

app = create_app()
garbage.leave_out_what_is_loaded()
