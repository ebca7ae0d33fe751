"""The sample coalition itself: its data, topics, wordings, users and goal."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from crm.accounts import passwords
from crm.accounts.models import User
from crm.base import clock, signing
from crm.contacts import topics, wordings
from crm.contacts.models import ConsentWording, Topic
from crm.extensions import db
from crm.goals.models import Goal
from crm.organizations import coalition
from crm.organizations.models import Coalition, Organization
from crm.site.demo.names import MEMBERS, words

NAME = "Bridgeway"
ADMIN = "alice@bridgeway.example"
GOAL_WEEKS, WEEKS_GONE = 40, 22
WORDS = words(
    "amber anchor autumn basket beacon birch bridge candle canyon cedar cloud copper coral cotton crane drift "
    "ember falcon feather fern flint forest garden ginger harbor hazel heron honey island ivory jasper "
    "juniper kettle lantern laurel lemon linen maple marble meadow mellow mirror morning nectar olive orchard "
    "paper pebble pepper pine quartz quiet raven river saddle sage silver sparrow stone summit thicket timber "
    "valley velvet violet walnut willow winter"
)
PURPOSES = {
    "en": "Nurses, engineers and teachers who trained abroad drive taxis in our cities. We are thirty organizations "
    "that open the way back into their professions, with fair licensing and real jobs.",
    "es": "Enfermeras, ingenieros y docentes formados en el extranjero conducen taxis en nuestras ciudades. Somos "
    "treinta organizaciones que les abren el camino de vuelta a su profesión, con licencias justas y empleos de "
    "verdad.",
    "ar": "ممرضات ومهندسون ومعلمون درسوا في الخارج يقودون سيارات الأجرة في مدننا. نحن ثلاثون منظمة نفتح لهم طريق "
    "العودة إلى مهنهم، بتراخيص عادلة ووظائف حقيقية.",
}


@dataclass(frozen=True)
class Stage:
    """What the other parts of the sample data stand on."""

    zone: str
    today: date
    now: datetime
    topics: list[Topic]
    members: list[Organization]
    staff: list[User]

    @property
    def goal_start(self) -> date:
        return self.today - timedelta(weeks=WEEKS_GONE)


def password() -> str:
    """Return the password of the sample admin: made from the secret key, so that each installation has its own."""
    key = signing.key("demo password")
    return "-".join(WORDS[key[n] % len(WORDS)] for n in range(5)) + f"-{key[5]}"


def login_works() -> bool:
    """Tell whether the sample admin can still log in with the sample password."""
    found = db.session.scalar(select(User).where(User.email == ADMIN, User.active))
    return found is not None and passwords.matches(password(), found.password_hash)


def prepare() -> Stage:
    """Add the coalition where there is none yet, with topics and users; always add members and, if none, a goal."""
    now = clock.now()
    own = coalition.current()
    if own is None:
        _found(now)
    staff = _staff(now) if own is None else list(db.session.scalars(select(User).where(User.active).order_by(User.id)))
    members = [Organization(name=name, kind=kind, is_member=True, via=via) for name, kind, via in MEMBERS]
    members = [member for member in members if not _taken(member)]
    db.session.add_all(members)
    found = coalition.current()
    assert found, "made above"
    stage = Stage(found.zone, clock.today(found.zone), now, topics.everything(), members, staff)
    if db.session.scalar(select(Goal.id).limit(1)) is None:
        _set_goal(stage)
    db.session.flush()
    return stage


def _found(now: datetime) -> None:
    db.session.add(
        Coalition(
            id=1,
            name=NAME,
            purposes=PURPOSES,
            sender_name=NAME,
            sender_email="news@bridgeway.example",
            postal_address="12 Harbor Street, Boston, MA 02110",
            set_up_at=now - timedelta(days=365),
        )
    )
    topics.begin(topics.PROPOSED)
    wordings.adopt(NAME, "Alice Moreno")
    for language, reviewer in (("es", "Lucía Ramírez"), ("ar", "Rania Haddad")):
        wording = wordings.draft(language, wordings.proposal(language, NAME))
        wordings.review(wording, reviewer)
        wordings.go_live(wording)
    for wording in db.session.scalars(select(ConsentWording)):
        wording.created_at = wording.reviewed_at = now - timedelta(days=365)


def _staff(now: datetime) -> list[User]:
    stored = passwords.make_hash(password())
    people = [("Alice Moreno", ADMIN, "admin", stored), ("Oscar Tran", "oscar@bridgeway.example", "organizer", "")]
    people.append(("Bob Keller", "bob@bridgeway.example", "viewer", ""))
    staff = [User(name=n, email=e, role=r, password_hash=p, created_at=now) for n, e, r, p in people]
    db.session.add_all(staff)
    db.session.flush()
    return staff


def _set_goal(stage: Stage) -> None:
    deadline = stage.goal_start + timedelta(weeks=GOAL_WEEKS)
    values = {"title": "Supporters for fair licensing", "target": 800, "public": True}
    db.session.add(Goal(metric="confirmed_sign_ups", starts_on=stage.goal_start, deadline=deadline, **values))


def _taken(member: Organization) -> bool:
    same = (Organization.name == member.name) | (Organization.via == member.via)
    return db.session.scalar(select(Organization.id).where(same)) is not None
