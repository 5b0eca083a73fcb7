"""The people of a customer: who decides, and who uses the product."""

from dataclasses import dataclass, field
from random import Random

from config.demo.companies import Company
from config.demo.names import person, slug
from config.demo.stories import Story, Use

TITLES = {
    "champion": ("Head of Growth", "Director of Operations", "Head of Customer Marketing", "Revenue Operations Lead"),
    "executive_sponsor": ("Chief Marketing Officer", "Chief Operating Officer", "VP Commercial", "Managing Director"),
    "admin": ("Systems Manager", "CRM Administrator", "Platform Owner", "Business Systems Analyst"),
    "finance": ("Finance Director", "Financial Controller", "Head of Purchasing"),
    "revops_it": ("IT Manager", "Integration Engineer", "Head of Data"),
    "security": ("Information Security Officer", "Security Analyst"),
    "legal": ("Legal Counsel", "Contract Manager"),
    "end_user_lead": ("Team Lead Campaigns", "Regional Sales Manager", "Operations Supervisor"),
    "end_user": ("Campaign Manager", "Sales Analyst", "Planner"),
}
TOPICS = {
    "champion": ("product_news", "good_practice", "events"),
    "executive_sponsor": ("good_practice",),
    "admin": ("product_news", "training", "operations"),
    "finance": ("commercial",),
    "revops_it": ("operations", "security"),
    "security": ("security",),
    "end_user_lead": ("training", "events"),
}
"""What somebody with a role wants to hear about."""
USES_THE_PRODUCT = {"champion", "admin", "end_user_lead", "end_user"}
COMMITTEES = {
    "simple": (("champion", "admin"), ("executive_sponsor", "finance"), ("end_user_lead",)),
    "standard": (("champion",), ("executive_sponsor",), ("admin",), ("finance",), ("end_user_lead",)),
    "complex": (
        ("champion",),
        ("executive_sponsor",),
        ("admin", "revops_it"),
        ("finance",),
        ("legal",),
        ("security",),
        ("end_user_lead",),
    ),
}
TEAMS = {
    "marketing_automation": ("Marketing", "Growth", "Brand"),
    "sales_management": ("Sales", "Sales operations", "Partnerships"),
    "operations": ("Operations", "Planning", "Service"),
    "other": ("Administration", "Projects", "Communications"),
}
HEAVY, STEADY, LIGHT = 0.7, 0.36, 0.13
"""How likely somebody is to be active on a working day."""


@dataclass(frozen=True)
class Contact:
    """Somebody with a part in buying or keeping the product."""

    name: str
    email: str
    title: str
    roles: tuple[str, ...]
    influence: str
    sentiment: str
    engaged_days_ago: int | None
    left_days_ago: int | None = None


@dataclass(frozen=True)
class Seat:
    """Somebody who uses the product: from which day on and until when, in days before the book's own."""

    external_id: str
    name: str
    email: str
    role: str
    team: str
    rate: float
    since: int = 0
    until: int = 0
    is_newcomer: bool = False
    """Whether they joined after the book's own day."""


@dataclass
class Roster:
    """Gives each person of one company an address of their own."""

    company: Company
    rng: Random
    addresses: set[str] = field(default_factory=set)

    def somebody(self) -> tuple[str, str]:
        """A name and an address that nobody else here has."""
        while True:
            name = person(self.rng, self.company.place.culture)
            email = f"{slug(name, between='.')}@{self.company.domain}"
            if email not in self.addresses:
                self.addresses.add(email)
                return name, email


def committee(story: Story, roster: Roster) -> list[Contact]:
    """The people who decide, the champion first."""
    return [_contact(roles, story, roster) for roles in COMMITTEES[story.company.complexity]]


def _contact(roles: tuple[str, ...], story: Story, roster: Roster) -> Contact:
    name, email = roster.somebody()
    rng, leads = roster.rng, roles[0] in ("champion", "executive_sponsor")
    worried = story.use in (Use.DROPPED, Use.COLLAPSED, Use.DARK, Use.ENDED)
    moods = ("negative", "neutral", "neutral") if worried else ("positive", "positive", "neutral")
    return Contact(
        name=name,
        email=email,
        title=rng.choice(TITLES[roles[0]]),
        roles=roles,
        influence="high" if leads or roles[0] == "finance" else rng.choice(("medium", "medium", "low")),
        sentiment=rng.choice(moods) if rng.random() < 0.7 else "",
        engaged_days_ago=rng.randint(35, 110) if worried else rng.randint(2, 60) if rng.random() < 0.8 else None,
        left_days_ago=44 if story.champion_left and roles[0] == "champion" else None,
    )


def seats(story: Story, contacts: list[Contact], roster: Roster, *, count: int) -> list[Seat]:
    """`count` users of the product; those of the contacts who use it come first, under the same name and address."""
    known = [contact for contact in contacts if USES_THE_PRODUCT & set(contact.roles)][:count]
    named = [(contact.name, contact.email) for contact in known]
    named += [roster.somebody() for _ in range(count - len(named))]
    return [seat_of(*one, story=story, rng=roster.rng, is_first=place == 0) for place, one in enumerate(named)]


def seat_of(name: str, email: str, *, story: Story, rng: Random, is_first: bool = False) -> Seat:
    """A user of the product; the first one sets it up."""
    return Seat(
        external_id=f"u_{rng.getrandbits(48):012x}",
        name=name,
        email=email,
        role="admin" if is_first else rng.choices(("editor", "viewer"), (3, 2))[0],
        team=rng.choice(TEAMS[story.company.use_case]),
        rate=rng.choices((HEAVY, STEADY, LIGHT), (2, 4, 4))[0],
    )
