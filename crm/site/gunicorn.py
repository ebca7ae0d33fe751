"""How gunicorn serves under `crm up`; it reads its settings from the names of this module."""

import os

from crm.base import parent

PARENT = "GROUNDSWELL_PARENT"  # The environment variable that holds the process id of `crm up`.

wsgi_app = "wsgi:app"
workers = 2  # So that one that dies or is reloaded is not missed.
worker_class = "gthread"
threads = 8  # They wait for the database and for slow readers.
graceful_timeout = 10
loglevel = "warning"
control_socket_disable = True


def when_ready(_server: object) -> None:
    """End with `crm up`, however it ended."""
    parent.follow(int(os.environ[PARENT]))
