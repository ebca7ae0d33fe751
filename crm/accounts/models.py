"""Staff users and their sessions."""

from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.permissions import OF_COALITION, PERMISSIONS
from crm.base.columns import Address, CreatedAt, Id, Name, UtcDateTime, Word
from crm.extensions import Model
from crm.organizations.models import Organization


class User(UserMixin, Model):
    """Somebody of the staff, of the coalition or of a member organization."""

    __tablename__ = "user"

    id: Mapped[Id]
    email: Mapped[Address] = mapped_column(unique=True)
    name: Mapped[Name]
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    role: Mapped[Word]
    zone: Mapped[str] = mapped_column(String(64), default="America/New_York")
    active: Mapped[bool] = mapped_column(default=True)
    session_version: Mapped[int] = mapped_column(default=1)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    created_at: Mapped[CreatedAt]
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    organization: Mapped[Organization | None] = relationship()

    def may(self, permission: str) -> bool:
        """Tell whether the role of this user holds the permission; unknown ones are refused."""
        if self.organization_id is not None and permission in OF_COALITION:
            return False
        return self.active and permission in PERMISSIONS[self.role]

    @property
    def invited(self) -> bool:
        """Whether this user was invited and has not set a password yet."""
        return not self.password_hash

    @property
    def is_active(self) -> bool:
        return self.active

    def get_id(self) -> str:
        return f"{self.id}.{self.session_version}"


class StaffSession(Model):
    """One browser in which a user is logged in; it ends when this row goes."""

    __tablename__ = "staff_session"

    id: Mapped[Id]
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[CreatedAt] = mapped_column(index=True)
