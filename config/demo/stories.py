"""What happens to each account: the stories that every demo book tells, and the ordinary ones between them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from config.demo.companies import PLACES, Company, domain_of, invented
from config.demo.dice import dice
from config.demo.names import slug

Card = TypeVar("Card")


class Use(StrEnum):
    """How an account's use of the product went in the last 120 days."""

    STABLE = "stable"
    GROWING = "growing"
    SLIPPING = "slipping"
    """Loses somebody now and then; not enough to alarm."""
    DROPPED = "dropped"
    """More than 30 % of the users stopped within a fortnight, five weeks ago."""
    COLLAPSED = "collapsed"
    """More than half of them did."""
    DARK = "dark"
    """All of them did."""
    SEASONAL = "seasonal"
    """Busy when a month closes, quiet between."""
    NEW = "new"
    """Began within the last four weeks."""
    NOT_STARTED = "not started"
    """The first user was set up, and nobody has done anything."""
    ENDED = "ended"
    """Faded out before the contract ended."""
    UNSEEN = "unseen"
    """No product of theirs talks to us."""


UNHAPPY = (Use.COLLAPSED, Use.DROPPED, Use.DARK)
"""Who gives us reason to worry."""


class Deal(StrEnum):
    """How an account's contracts went."""

    NONE = "none"
    JUST_SIGNED = "just signed"
    FIRST_YEAR = "first year"
    RENEWED = "renewed"
    MULTI_YEAR = "multi-year"
    DUE = "due"
    """Ends within 120 days."""
    LATE = "late"
    """Ended days ago, and nobody has signed the next one."""
    NOTICE = "notice"
    """Notice was given; it ends soon."""
    ENDED = "ended"
    """Notice was given, and it ended more than 60 days ago."""
    GREW = "grew"
    """Replaced by a larger one in the middle of its term."""
    TWO = "two"
    """Two contracts side by side."""
    SHRANK_THEN_GREW = "shrank then grew"


@dataclass(frozen=True)
class Story:
    """One account: the company, how it uses the product, what it bought, and what is special about it."""

    company: Company
    use: Use
    deal: Deal
    breadth: int = 5
    csm: str | None = None
    """User name of its CSM; None: whose turn it is; empty: nobody any more."""
    parent: str = ""
    instrumented: bool = True
    known_ids: bool = True
    """False: its product sends ids that nobody has linked to it yet."""
    champion_left: bool = False


def _company(name: str, place: str, industry: str, employees: int, use_case: str, domain: str = "") -> Company:
    return Company(name, domain or domain_of(name), industry, employees, PLACES[place], use_case)


MARKETING, SALES, OPERATIONS, OTHER = "marketing_automation", "sales_management", "operations", "other"
UNIVERSITY = "Universidad Politécnica de los Valles Centrales, Dirección de Vinculación y Educación Continua"

TOLD = (
    Story(
        _company("Cascadia Trail Outfitters", "Seattle", "Retail", 640, MARKETING),
        Use.COLLAPSED,
        Deal.DUE,
        csm="maya",
        champion_left=True,
    ),
    Story(
        _company("Brightwater Health Network", "New York", "Healthcare", 2300, OPERATIONS),
        Use.DROPPED,
        Deal.MULTI_YEAR,
        csm="maya",
    ),
    Story(_company("Tierra Alta Café", "Bogotá", "Food and beverage", 210, SALES), Use.DROPPED, Deal.DUE, csm="maya"),
    Story(
        _company("Großhandel Weißmüller & Söhne", "Hamburg", "Logistics", 480, OPERATIONS),
        Use.DROPPED,
        Deal.RENEWED,
        csm="amelie",
    ),
    Story(_company("Fjellheim Energi", "Oslo", "Energy", 900, OPERATIONS), Use.DARK, Deal.FIRST_YEAR, csm="amelie"),
    Story(
        _company("Quillfeather Publishing", "Toronto", "Media", 320, MARKETING),
        Use.DROPPED,
        Deal.RENEWED,
        csm="",
    ),
    Story(
        _company("Marigold Hospitality Group", "Chicago", "Hospitality", 5200, MARKETING),
        Use.STABLE,
        Deal.MULTI_YEAR,
        breadth=8,
        csm="ethan",
    ),
    Story(
        _company("Marigold Resorts", "New York", "Hospitality", 1400, MARKETING),
        Use.GROWING,
        Deal.GREW,
        breadth=6,
        csm="ethan",
        parent="Marigold Hospitality Group",
    ),
    Story(
        _company("Marigold Catering", "Chicago", "Hospitality", 380, SALES),
        Use.STABLE,
        Deal.FIRST_YEAR,
        breadth=2,
        csm="ethan",
        parent="Marigold Hospitality Group",
    ),
    Story(_company("Ostravan Precision", "Kraków", "Manufacturing", 260, OTHER), Use.ENDED, Deal.ENDED, breadth=3),
    Story(
        _company("Pinecrest Mutual Credit Union", "Denver", "Financial services", 430, MARKETING),
        Use.SLIPPING,
        Deal.NOTICE,
        csm="maya",
    ),
    Story(_company("Saffron & Slate", "Mumbai", "Retail", 1900, SALES), Use.GROWING, Deal.TWO, breadth=7),
    Story(
        _company("Delmar Aerospace Components", "Seattle", "Manufacturing", 1250, OPERATIONS),
        Use.GROWING,
        Deal.SHRANK_THEN_GREW,
        breadth=6,
        csm="maya",
    ),
    Story(
        _company("Lakehead Library Consortium", "Toronto", "Education", 150, OTHER),
        Use.UNSEEN,
        Deal.FIRST_YEAR,
        instrumented=False,
    ),
    Story(
        _company("Ravello Moda", "Milan", "Retail", 340, MARKETING),
        Use.NEW,
        Deal.JUST_SIGNED,
        breadth=3,
        known_ids=False,
    ),
    Story(
        _company("Nimbus Paper Works", "Chicago", "Manufacturing", 720, SALES),
        Use.UNSEEN,
        Deal.NONE,
        instrumented=False,
    ),
    Story(
        _company("株式会社みなと物流", "Tokyo", "Logistics", 860, OPERATIONS, "minato-butsuryu.example"),
        Use.STABLE,
        Deal.RENEWED,
        breadth=6,
        csm="yuto",
    ),
    Story(
        _company(UNIVERSITY, "Mexico City", "Education", 3100, OTHER, "upvc.example"),
        Use.SEASONAL,
        Deal.MULTI_YEAR,
        csm="camila",
    ),
    Story(_company("Copperline Builders", "Denver", "Construction", 280, SALES), Use.NOT_STARTED, Deal.JUST_SIGNED),
    Story(_company("Thornbury Assurance", "London", "Insurance", 1100, SALES), Use.STABLE, Deal.LATE, breadth=4),
    Story(
        _company("Kestrel Hill Robotics", "Seattle", "Manufacturing", 95, OPERATIONS),
        Use.NEW,
        Deal.JUST_SIGNED,
        breadth=4,
        csm="maya",
    ),
    Story(
        _company("Baobab Mobile", "Nairobi", "Telecommunications", 2600, MARKETING),
        Use.GROWING,
        Deal.RENEWED,
        breadth=9,
    ),
    *[
        Story(_company(name, place, industry, employees, use_case), Use.UNSEEN, Deal.NONE, instrumented=False)
        for name, place, industry, employees, use_case in (
            ("Juniper Row Bakeries", "New York", "Food and beverage", 310, SALES),
            ("Tidewater Freight Lines", "Seattle", "Logistics", 410, OPERATIONS),
            ("Halcyon Dental Group", "Denver", "Healthcare", 270, OPERATIONS),
            ("Ironwood Legal Partners", "Chicago", "Media", 190, SALES),
        )
    ],  # their first deals are won when `handing` tells of them
)

USES = (
    *[Use.STABLE] * 9,
    *[Use.GROWING] * 5,
    *[Use.SLIPPING] * 3,
    Use.SEASONAL,
    Use.NEW,
    Use.DROPPED,
)
DEALS = (
    *[Deal.RENEWED] * 6,
    *[Deal.FIRST_YEAR] * 4,
    *[Deal.DUE] * 4,
    *[Deal.MULTI_YEAR] * 3,
    *[Deal.GREW] * 2,
    Deal.LATE,
    Deal.TWO,
)
"""Of so many ordinary accounts, so many go which way. The lengths share no factor: all pairs come up."""


def story(number: int, *, seed: int, taken: set[str]) -> Story:
    """The story of account `number`, counted from 0; `taken` remembers the names given out before."""
    if number < len(TOLD):
        taken.add(slug(TOLD[number].company.name, between="-"))
        return TOLD[number]
    return _ordinary(number - len(TOLD), seed=seed, taken=taken)


def _ordinary(place: int, *, seed: int, taken: set[str]) -> Story:
    rng = dice(seed, "story", place)
    use, deal = _dealt(USES, place, seed=seed), _dealt(DEALS, place, seed=seed)
    if use is Use.NEW:
        deal = Deal.JUST_SIGNED
    return Story(invented(rng, taken), use, deal, breadth=rng.choice((1, 2, 3, 4, 5, 5, 6, 7, 9)))


def _dealt(cards: tuple[Card, ...], place: int, *, seed: int) -> Card:
    """The card at `place` of a pack that is shuffled once and dealt over and over."""
    pack = list(cards)
    dice(seed, "pack").shuffle(pack)
    return pack[place % len(pack)]
