"""A waiting item as people read it: what kind of call, by whom, when, and what it says about its account."""

import datetime as dt
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from accounts.ingestion.instants import instant
from accounts.ingestion.models import QuarantinedItem

Kind = QuarantinedItem.Kind

SHOWN = 200
"""Characters of an item that is no call."""
NAMES = ("name", "company", "company_name", "companyName")
DOMAINS = ("domain", "website", "url")
EMPLOYEES = ("employees", "employee_count", "size")
INSTANTS = ("timestamp", "originalTimestamp", "sentAt", "updated_at", "happened_at", "received_at")
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
EVERYBODYS = frozenset(
    {
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "me.com"),
        *("aol.com", "gmx.de", "gmx.net", "web.de", "proton.me", "protonmail.com", "mail.ru", "qq.com", "163.com"),
    }
)
"""Mail providers: an address there says nothing about the company."""


@dataclass(frozen=True)
class Reading:
    """One item, read as far as it can be."""

    type: str
    name: str
    user: str
    at: dt.datetime | None
    traits: dict[str, Any]
    pretty: str

    @property
    def sentence(self) -> str:
        """What was said: track “Report Viewed” by ada; the beginning of the text where it is no call."""
        if not self.type:
            return self.pretty[:SHOWN]
        said = f"{self.type} “{self.name}”" if self.name else self.type
        return f"{said} by {self.user}" if self.user else said


@dataclass
class Profile:
    """What calls say about the company in whose name they came."""

    name: str = ""
    domain: str = ""
    industry: str = ""
    employees: int | None = None
    mail_domains: set[str] = field(default_factory=set)

    def fields(self) -> dict[str, Any]:
        """What an account that is created from it starts with, besides its name."""
        told = {"domain": self.domain, "industry": self.industry, "employees": self.employees}
        return {name: value for name, value in told.items() if value}


def read(text: str, kind: str = Kind.SIGNAL) -> Reading:
    """The item `text`; one that is no readable call is shown as it came. A bulk item is called by what it came as."""
    try:
        item = json.loads(text)
        pretty = json.dumps(item, indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return Reading("", "", "", None, {}, text)
    if not isinstance(item, dict):
        return Reading("", "", "", None, {}, pretty)
    if kind != Kind.SIGNAL:
        return Reading(Kind(kind).label, _word(item.get("external_id")), "", _at(item), {}, pretty)
    return Reading(
        type=_word(item.get("type")),
        name=_word(item.get("event") or item.get("name")),
        user=_word(item.get("userId") or item.get("anonymousId")),
        at=_at(item),
        traits=item["traits"] if isinstance(item.get("traits"), dict) else {},
        pretty=pretty,
    )


def profile(readings: Iterable[Reading], mails: Iterable[str] = ()) -> Profile:
    """What `group` calls say of a company, and the domains of its people's addresses."""
    found = Profile()
    addresses = set(mails)
    for reading in readings:
        if reading.type == "group":
            _learn(found, reading.traits)
        elif isinstance(mail := reading.traits.get("email"), str):
            addresses.add(mail)
    found.mail_domains = {one for one in map(mail_domain, addresses) if one}
    return found


def _learn(found: Profile, traits: dict[str, Any]) -> None:
    """Takes over what `traits` add; the first to say something is believed."""
    found.name = found.name or _first(traits, NAMES)[:200]
    found.domain = found.domain or domain_of(_first(traits, DOMAINS))
    found.industry = found.industry or _first(traits, ("industry",))[:80]
    found.employees = found.employees or _count(next((traits[one] for one in EMPLOYEES if one in traits), None))


def _first(traits: dict[str, Any], names: Iterable[str]) -> str:
    return next((text for name in names if (text := _word(traits.get(name)))), "")


def _word(value: Any) -> str:
    """Text for people from what a client sent; without what neither page nor database can hold."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    text = value if isinstance(value, str) else f"{value}"
    return text.replace("\x00", "").encode("utf-8", "replace").decode().strip()[:SHOWN]


def _count(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 8:
        value = int(value)
    return value if type(value) is int and 0 < value < 10_000_000 else None


def domain_of(text: str) -> str:
    """acme.example of https://www.acme.example/about; empty where there is none."""
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:
        return ""
    host = host.lower().removeprefix("www.")
    return host if _DOMAIN.fullmatch(host) and len(host) <= 253 else ""


def mail_domain(address: str) -> str:
    """The company's part of an e-mail address; empty for addresses of mail providers."""
    domain = domain_of(address.rpartition("@")[2]) if "@" in address else ""
    return "" if domain in EVERYBODYS else domain


def _at(item: dict[str, Any]) -> dt.datetime | None:
    for name in INSTANTS:
        if isinstance(text := item.get(name), str):
            try:
                return instant(text)
            except (ValueError, OverflowError):
                return None
    return None
