"""Who may open what: every route declares it, and what declares nothing is refused."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort
from flask_login import current_user

View = Callable[..., Any]


def requires(permission: str) -> Callable[[View], View]:
    """Let only users with that permission through; others get 403."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated or not current_user.may(permission):
                abort(403)
            return view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return guard


def public(view: View) -> View:
    """Declare that anybody may open this page."""
    view.permission = "public"  # type: ignore[attr-defined]
    return view
