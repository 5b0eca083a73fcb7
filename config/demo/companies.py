"""Customer companies: where they are, what they do, how large they are."""

from dataclasses import dataclass
from random import Random

from config.demo.names import CULTURES, slug

AMERICAS, INTERNATIONAL = "Americas", "International"


@dataclass(frozen=True)
class Place:
    """Where a company has its office: region, time zone, days off, and which of our teams looks after it."""

    region: str
    zone: str
    culture: str
    team: str = INTERNATIONAL
    legal: str = ""
    weekend: tuple[int, ...] = (5, 6)


PLACES = {
    "New York": Place("North America", "America/New_York", "english", AMERICAS, "Inc."),
    "Chicago": Place("North America", "America/Chicago", "english", AMERICAS, "LLC"),
    "Denver": Place("North America", "America/Denver", "english", AMERICAS, "Inc."),
    "Seattle": Place("North America", "America/Los_Angeles", "english", AMERICAS, "Inc."),
    "Toronto": Place("North America", "America/Toronto", "english", AMERICAS, "Ltd."),
    "Mexico City": Place("Latin America", "America/Mexico_City", "spanish", AMERICAS, "S.A. de C.V."),
    "Bogotá": Place("Latin America", "America/Bogota", "spanish", AMERICAS, "S.A.S."),
    "São Paulo": Place("Latin America", "America/Sao_Paulo", "portuguese", AMERICAS, "Ltda."),
    "London": Place("UK and Ireland", "Europe/London", "english", legal="Ltd"),
    "Hamburg": Place("DACH", "Europe/Berlin", "german", legal="GmbH"),
    "Zürich": Place("DACH", "Europe/Zurich", "german", legal="AG"),
    "Oslo": Place("Nordics", "Europe/Oslo", "nordic", legal="AS"),
    "Lyon": Place("France and Benelux", "Europe/Paris", "french", legal="SAS"),
    "Valencia": Place("Southern Europe", "Europe/Madrid", "spanish", legal="S.L."),
    "Milan": Place("Southern Europe", "Europe/Rome", "italian", legal="S.r.l."),
    "Kraków": Place("Central and Eastern Europe", "Europe/Warsaw", "slavic"),
    "Riyadh": Place("Middle East and Africa", "Asia/Riyadh", "arabic", weekend=(4, 5)),
    "Nairobi": Place("Middle East and Africa", "Africa/Nairobi", "african", legal="Ltd"),
    "Mumbai": Place("Asia Pacific", "Asia/Kolkata", "indian", legal="Pvt. Ltd."),
    "Tokyo": Place("Asia Pacific", "Asia/Tokyo", "japanese", legal="K.K."),
    "Melbourne": Place("Asia Pacific", "Australia/Melbourne", "english", legal="Pty Ltd"),
}
MARKETS = ("New York", "Chicago", "Denver", "Seattle", "Toronto", "New York", "Chicago", *PLACES)
"""Places to draw from: half of the customers are in North America."""

INDUSTRIES = {
    "Logistics": ("Logistics", "Freight", "Supply"),
    "Retail": ("Outfitters", "Stores", "Home"),
    "Manufacturing": ("Industries", "Components", "Tooling"),
    "Software": ("Software", "Systems", "Labs"),
    "Financial services": ("Capital", "Credit", "Payments"),
    "Insurance": ("Insurance", "Assurance"),
    "Healthcare": ("Health", "Clinics", "Medical"),
    "Education": ("Academy", "Learning", "Institute"),
    "Hospitality": ("Hotels", "Resorts", "Hospitality"),
    "Energy": ("Energy", "Solar", "Power"),
    "Food and beverage": ("Foods", "Bakeries", "Beverages"),
    "Media": ("Media", "Publishing", "Studios"),
    "Construction": ("Builders", "Engineering", "Construction"),
    "Telecommunications": ("Telecom", "Mobile"),
}
USE_CASES = ("marketing_automation", "marketing_automation", "sales_management", "operations", "operations", "other")


@dataclass(frozen=True)
class Company:
    """One customer as the outside world knows it."""

    name: str
    domain: str
    industry: str
    employees: int
    place: Place
    use_case: str

    @property
    def complexity(self) -> str:
        """How hard it is to serve: large companies have more systems and more people who decide."""
        if self.employees >= 2000:
            return "complex"
        return "standard" if self.employees >= 150 else "simple"


def domain_of(name: str) -> str:
    """An address for `name` under a top-level domain that nobody can own."""
    return f"{slug(name, between='-')[:50].strip('-')}.example"


def invented(rng: Random, taken: set[str]) -> Company:
    """A company whose name is not in `taken`; it is added there."""
    place = PLACES[rng.choice(MARKETS)]
    industry = rng.choice(list(INDUSTRIES))
    name = _free_name(rng, place, industry, taken)
    legal = f" {place.legal}" if place.legal and rng.random() < 0.25 else ""
    return Company(
        name=name + legal,
        domain=domain_of(name),
        industry=industry,
        employees=_employees(rng),
        place=place,
        use_case=rng.choice(USE_CASES),
    )


def _free_name(rng: Random, place: Place, industry: str, taken: set[str]) -> str:
    """A word and a form of the trade: a word that nobody has, then one that somebody shares, then with a partner."""
    culture = CULTURES[place.culture]
    for attempt in range(200):
        root = rng.choice(culture.roots)
        if attempt < 12 and slug(root, between="-") in taken:
            continue
        first = root if attempt < 30 else f"{root} & {rng.choice(culture.family)}"
        name = f"{first} {rng.choice(INDUSTRIES[industry])}"
        if slug(name, between="-") not in taken:
            taken.update((slug(name, between="-"), slug(root, between="-")))
            return name
    raise ValueError("No name is left; make a smaller book.")


def _employees(rng: Random) -> int:
    """Many small companies, few large ones; round where people would round."""
    number = min(40_000, max(18, rng.lognormvariate(5.9, 1.2)))
    step = 5 if number < 500 else 50 if number < 5000 else 500
    return max(step, round(number / step) * step)
