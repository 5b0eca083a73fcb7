"""One person of one role asks every route in every way, and notes what they should not have been told or let do."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from os.path import commonprefix
from typing import Any

from django.contrib import admin
from django.http import HttpResponse
from django.test import Client

from accounts.foundation.models import AuditEntry
from accounts.foundation.scope import Area
from accounts.team.models import User
from tests.access.routes import Route, routes, scoped_models
from tests.access.rules import Rule
from tests.access.world import FOREIGN, MISSING, areas_told, narrow

OURS = (Area.ACCOUNTS, Area.WORK, Area.RUNS)
"""The areas whose rows can be somebody's own."""
REFUSED = {302, 401, 403, 404, 405}
"""302: a page that takes a POST leads whoever opens it to the page it belongs to."""
VARIES = re.compile(
    rb'name="csrfmiddlewaretoken" value="\w+"|<time .*?</time>|\d+ \w+ ago|just now|nonce="[^"]*"'
    rb"|\d+\.\d+ ?(?:s\b|seconds)",  # how long a search took
    re.S,
)
OPTIONS = re.compile(
    rb'<option.*?</option>|<li[^>]*>\s*<a href="\?.*?</li>'
    rb'|<div>\s*<label[^>]*>\s*<input type="checkbox" name="segment".*?</label>\s*</div>|\s+',
    re.S,
)
"""A filter offers definitions; those that West's rows need are new, and everybody's."""


_asked: set[tuple[Any, ...]] = set()


@dataclass
class Asker:
    """Somebody with a role, who asks as a browser or a program would."""

    user: User
    leaks: list[str] = field(default_factory=list)
    pages: dict[str, bytes] = field(default_factory=dict)
    """Address → what stood there, of the pages of the console that were shown."""
    asked: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.client = Client(raise_request_exception=False)
        self.client.force_login(self.user)
        self.narrow = narrow(self.user)

    def ask(self, verb: str, address: str, body: Any = None) -> HttpResponse:
        """The answer; whatever it tells of West's, or a server error, is noted."""
        self.asked[verb] += 1
        self.client.cookies.pop("messages", None)  # what an earlier answer left to be said
        if address.startswith("/api/") or verb in ("PATCH", "PUT", "DELETE"):
            text = json.dumps(body if body is not None else {}) if verb != "GET" else ""
            answer = self.client.generic(verb, address, text, content_type="application/json")
        elif verb == "POST":
            answer = self.client.post(address, body or {})
        else:
            answer = self.client.get(address)
        content = content_of(answer)
        if answer.status_code >= 500:
            self.note(verb, address, f"answers {answer.status_code}")
        if verb == "GET" and answer.status_code == 200 and address.startswith("/admin/") and "?" not in address:
            self.pages[address] = content
        told = areas_told(_without(address, body, content)) & self.narrow
        if told:
            self.note(verb, address, f"tells of another team's {', '.join(sorted(told))}")
        return answer

    def is_first(self, question: str, area: str | None) -> bool:
        """Whether nobody with the same grant in `area` asked this before: the same grant gets the same answers."""
        grant = self.user.grants.get(area or "")
        asked = (question, area, *((grant.reach, grant.access) if grant else ()))
        if asked in _asked:
            return False
        _asked.add(asked)
        return True

    def note(self, verb: str, address: str, what: str) -> None:
        self.leaks.append(f"{self.user.username}: {verb} {address} {what}")

    def may_see(self, rule: Rule) -> bool:
        return rule.area is None or self.user.reach(rule.area) is not None

    def may_change(self, rule: Rule) -> bool:
        return rule.area is None or rule.is_self_service or bool(self.user.may_edit(rule.area))


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def _without(address: str, body: Any, content: bytes) -> bytes:
    """The answer without what the question held: an address is repeated in links and forms."""
    sent = set(re.findall(r"77\d0\d{4}|[Ww]x\w*", address + json.dumps(body or {})))
    for text in sorted(sent, key=len, reverse=True):
        content = content.replace(text.encode(), b"")
    return content


def shape(answer: Any, *sent: str) -> tuple[int, str, bytes]:
    """An answer as far as it tells anything: without tokens, ages, and the values that were sent."""
    content = VARIES.sub(b"", content_of(answer))
    for text in sorted(sent, key=len, reverse=True):
        content = content.replace(text.encode(), b"#")
    where = answer.headers.get("Location", "")
    for text in sent:
        where = where.replace(text, "#")
    return answer.status_code, where, content


def looks(asker: Asker, address: str) -> tuple[int, bytes]:
    """How a page looks, but for the choices of its filters."""
    code, _, content = shape(asker.ask("GET", address))
    return code, OPTIONS.sub(b"", content)


def first_difference(before: tuple[int, bytes], after: tuple[int, bytes]) -> str:
    """Where the second begins to be another one, with what stands around it."""
    old, new = (one[1].decode(errors="replace") for one in (before, after))
    at = len(commonprefix([old, new]))
    return f"…{old[max(0, at - 120) : at]} → {old[at : at + 120]!r} | {new[at : at + 120]!r}"


def one_of(model: Any, name: str, which: dict[str, int]) -> str:
    """How an address names the row of `model` that West has (or that nobody has)."""
    area = model.AREA
    number = which[area]
    if name in ("pk", "id"):
        return str(number)
    return f"wx-{area}-{number}" if name == "key" else f"Wx{area} {number}"


def values_of(route: Route, user: User, which: dict[str, int] | None) -> dict[str, Any] | None:
    """Values for the parameters of a route: of a row that the user sees, or of West's; None where there is none."""
    assert route.rule is not None
    values = {}
    for name in route.parameters:
        if name in ("path", "url"):
            values[name] = "b" if name == "path" else "nowhere"
            continue
        model, lookup = route.rule.names.get(name, (None, "0"))
        if model is None:
            values[name] = lookup
        elif which is not None:
            values[name] = one_of(model, lookup, which)
        else:
            row = model._default_manager.for_user(user).first()  # type: ignore[attr-defined]
            if row is None:
                return None
            values[name] = getattr(row, lookup)
            if hasattr(values[name], "pk"):
                values[name] = getattr(values[name], "key", values[name].pk)
    return values


def door(asker: Asker, route: Route) -> None:
    """Who does not reach the area is refused, whatever the verb; who may only see changes nothing."""
    assert route.rule is not None
    values = values_of(route, asker.user, None) or values_of(route, asker.user, MISSING)
    if values is None or not asker.is_first(f"door {route.address}", route.rule.area):
        return
    address, sees, changes = route.at(values), asker.may_see(route.rule), asker.may_change(route.rule)
    for verb in route.verbs:
        if verb != "GET" and sees and changes:
            continue  # what they may do is the business of other tests
        before = AuditEntry.objects.count() if verb != "GET" else 0
        answer = asker.ask(verb, address)
        refused = not sees or (route.rule.changes and not changes) or (verb not in ("GET", "POST") and not changes)
        if refused and answer.status_code not in REFUSED:
            asker.note(verb, address, f"is not refused: {answer.status_code}")
        if verb != "GET" and AuditEntry.objects.count() != before:
            asker.note(verb, address, "changes something")
        if verb == "GET" and sees and route.rule.area and not route.rule.changes and answer.status_code in (401, 403):
            asker.note(verb, address, f"is refused although the role reaches it: {answer.status_code}")


def foreign_rows(asker: Asker, route: Route) -> None:
    """A row of another team answers as one that does not exist, and nothing happens to it."""
    rule = route.rule
    assert rule is not None
    models = [model for name, (model, _) in rule.names.items() if name in route.parameters and is_scoped(model)]
    areas = {model.AREA for model in models} & asker.narrow  # type: ignore[union-attr]
    if not areas or not asker.may_see(rule) or not asker.is_first(f"foreign {route.address}", areas.pop()):
        return
    theirs, nobodys = (values_of(route, asker.user, which) or {} for which in (FOREIGN, MISSING))
    for verb in route.verbs:
        answers = [asker.ask(verb, route.at(values)) for values in (theirs, nobodys)]
        shapes = [
            shape(one, *map(str, values.values())) for one, values in zip(answers, (theirs, nobodys), strict=True)
        ]
        if shapes[0] != shapes[1]:
            asker.note(
                verb, route.at(theirs), f"differs from a row that does not exist: {shapes[0][0]}, {shapes[1][0]}"
            )
        if answers[0].status_code == 200:
            asker.note(verb, route.at(theirs), "answers 200")


def is_scoped(model: Any) -> bool:
    return model in scoped_models()


def pages_of_rows(asker: Asker) -> list[str]:
    """The addresses of lists, homes, counts and exports about what can be somebody's own."""
    found = []
    for route in routes():
        rule = route.rule
        if rule is None or route.parameters or "GET" not in route.verbs or not asker.may_see(rule):
            continue
        if rule.area in OURS and rule.area in asker.narrow and asker.is_first(f"page {route.address}", rule.area):
            found.append(route.at({}))
    return [*found, "/admin/"]


def lists_asked(asker: Asker) -> None:
    """Search, filters and autocomplete, asked for what West has: the same as for what nobody has."""
    for area in sorted(asker.narrow & set(OURS)):
        for template in _questions(area):
            if not asker.is_first(template, area):
                continue
            texts = [str(FOREIGN[area]), str(MISSING[area])]  # type: ignore[index]
            shapes = [shape(asker.ask("GET", template.replace("{}", text)), text) for text in texts]
            if shapes[0] != shapes[1]:
                asker.note("GET", template, f"tells {FOREIGN[area]} from an id that does not exist")  # type: ignore[index]


def _questions(area: str) -> list[str]:
    """Addresses with a filter or a search in which {} stands for an id."""
    found = [f"/admin/search/?s=Wx{area}+{{}}&extended=1"]
    for model, page in admin.site._registry.items():
        meta = model._meta
        stem = f"/admin/{meta.app_label}/{meta.model_name}/"
        relations = [one for one in meta.concrete_fields if one.is_relation and is_scoped(one.related_model)]
        relations = [one for one in relations if area == one.related_model.AREA]
        if page.search_fields and area == model.AREA:  # type: ignore[attr-defined]
            found.append(f"{stem}?q=Wx{area}+{{}}")
        found += [f"{stem}?{one.name}__id__exact={{}}" for one in relations]
        found += [
            f"/admin/autocomplete/?app_label={meta.app_label}&model_name={meta.model_name}&field_name={one.name}&term=Wx"
            for one in relations
        ]
    return found


def filters_of_api(asker: Asker) -> None:
    """Each filter of each list, given West's key or id: as with one that nobody has."""
    for route in routes():
        cls = getattr(route.view, "cls", None)
        filters = getattr(getattr(cls, "filterset_class", None), "base_filters", {})
        if not route.address.startswith("api/v1/") or route.parameters or "GET" not in route.verbs:
            continue
        if getattr(cls, "area", "") not in asker.narrow & set(OURS) or not asker.is_first(route.address, cls.area):
            continue
        for texts in _pairs(cls.area):
            refused = _asked_alike(asker, route.at({}), list(filters), texts)
            for name in filters.keys() - refused:
                _asked_alike(asker, route.at({}), [name], texts)


def _asked_alike(asker: Asker, address: str, filters: list[str], texts: tuple[str, str]) -> set[str]:
    """Gives the filters both texts, which must make no difference; those that refuse them, each for itself."""
    queries = ["&".join(f"{name}={text}" for name in filters) for text in texts]
    answers = [asker.ask("GET", f"{address}?{query}") for query in queries]
    shapes = [shape(answer, text) for answer, text in zip(answers, texts, strict=True)]
    if shapes[0] != shapes[1]:
        asker.note("GET", f"{address}?{'=&'.join(filters)}=", f"tells {texts[0]} from one that does not exist")
    return {error["field"] for error in json.loads(content_of(answers[0])).get("errors", [])}


def _pairs(area: str) -> list[tuple[str, str]]:
    found = {Area.ACCOUNTS, area}
    pairs = [(f"wx-{one}-{FOREIGN[one]}", f"wx-{one}-{MISSING[one]}") for one in sorted(found)]  # type: ignore[index]
    return [*pairs, (str(FOREIGN[area]), str(MISSING[area]))]  # type: ignore[index]
