"""The application, for a web server: `gunicorn wsgi:app`."""

from crm import create_app

app = create_app()
