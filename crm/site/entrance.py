"""What whoever starts the program is told about the way in."""

from crm.extensions import db
from crm.site import installation
from crm.site.demo import coalition


def lines() -> list[str]:
    """Return the lines, with {url} where the address of this installation belongs."""
    try:
        if installation.is_open():
            return [f"Set it up at       {{url}}{installation.path()}"]
        sample = [f"  as {coalition.ADMIN} with {coalition.password()}"] if coalition.login_works() else []
        return ["Staff log in at    {url}/login", *sample]
    finally:
        db.session.remove()
