"""Staff users."""

from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.permissions import PERMISSIONS
from crm.base.columns import Address, CreatedAt, Id, Name, UtcDateTime, Word
from crm.extensions import Model
from crm.organizations.models import Organization


class User(UserMixin, Model):
    """Somebody of the staff, of the coalition or of a member organization."""

    __tablename__ = "user"

    id: Mapped[Id]
    email: Mapped[Address] = mapped_column(unique=True)
    name: Mapped[Name]
    password_hash: Mapped[str] = mapped_column(String(200))
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
        return self.active and permission in PERMISSIONS[self.role]

    @property
    def is_active(self) -> bool:
        return self.active

    def get_id(self) -> str:
        return f"{self.id}.{self.session_version}"
