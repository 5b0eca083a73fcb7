"""Fields that name rows: in every form of the console, in every body of the REST API, and in bulk actions."""

import re
from html.parser import HTMLParser
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.foundation.models import AuditEntry
from accounts.foundation.scope import Area
from tests.access.asking import Asker, shape, values_of
from tests.access.routes import routes, scoped_models
from tests.access.world import FOREIGN, MISSING


class Fields(HTMLParser):
    """The forms of a page that are posted: where to, and their fields, each with whether its value may name a row."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, bool]]] = []
        self.is_inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.is_inside = (given.get("method") or "").lower() == "post"
            if self.is_inside:
                self.forms.append((given.get("action") or "", {}))
        elif self.is_inside and tag in ("input", "select", "textarea") and given.get("name"):
            names_row = tag == "select" or given.get("type") in ("hidden", "radio", "checkbox", "number")
            self.forms[-1][1][str(given["name"])] = names_row

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_inside = False


def fields_of_forms(asker: Asker) -> None:
    """Every field of every form that the user can open, given an id of West's: as one that nobody has."""
    done: set[tuple[str, tuple[tuple[str, bool], ...]]] = set()
    for address, page in list(asker.pages.items()):
        for action, names in Fields(page.decode(errors="replace")).forms:
            target = _target(address, action)
            kept = tuple(sorted(pair for pair in names.items() if pair[0] not in ("csrfmiddlewaretoken", "confirm")))
            if target is None or not kept or (_pattern(target), kept) in done:
                continue
            done.add((_pattern(target), kept))
            for area in sorted(asker.narrow & {Area.ACCOUNTS, Area.WORK}):
                _try_fields(asker, target, kept, area)


def _target(address: str, action: str) -> str | None:
    """Where a form is posted to, where that is a page of ours that signs nobody out."""
    found = action or address
    if not found.startswith("/"):
        found = address.partition("?")[0] + found if found.startswith("?") else ""
    return found if found.startswith("/admin/") and "logout" not in found and "password" not in found else None


def _pattern(address: str) -> str:
    return re.sub(r"\d+", "#", address.partition("?")[0])


def _try_fields(asker: Asker, target: str, names: tuple[tuple[str, bool], ...], area: str) -> None:
    """Free text gets a letter: what somebody types is theirs, and is shown to them again."""
    texts = [str(FOREIGN[area]), str(MISSING[area])]  # type: ignore[index]
    shapes = [shape(_undone(asker, "POST", target, _filled(names, text)), text) for text in texts]
    if shapes[0] != shapes[1]:
        told = ", ".join(name for name, names_row in names if names_row)
        asker.note("POST", target, f"tells a foreign id in {told} from one that does not exist")


def _undone(asker: Asker, verb: str, address: str, body: Any) -> HttpResponse:
    """The answer, after which everything is as before; that it changed something of another team's is noted."""
    with transaction.atomic():
        before = AuditEntry.objects.count()
        answer = asker.ask(verb, address, body)
        entries = AuditEntry.objects.order_by("-pk")[: AuditEntry.objects.count() - before]
        if any(_is_foreign(entry) for entry in entries):
            asker.note(verb, address, "changes a row of another team")
        transaction.set_rollback(True)
    return answer


def _filled(names: tuple[tuple[str, bool], ...], text: str) -> dict[str, str]:
    return {name: text if names_row else "x" for name, names_row in names}


def _is_foreign(entry: AuditEntry) -> bool:
    ids = {str(number) for number in FOREIGN.values()}
    return entry.object_id in ids or str(entry.account_id) in ids


def bodies_of_api(asker: Asker, document: dict[str, Any]) -> None:
    """Every property of every body, given a key or an id of West's: the same refusal as for one that nobody has."""
    for path, operations in document["paths"].items():
        for verb, operation in operations.items():
            schema = _schema(operation, document)
            if not schema or verb not in ("post", "patch"):
                continue
            address = _own(asker, path)
            if address is None:
                continue
            if Area.ACCOUNTS in asker.narrow and asker.is_first(f"{verb} {path}", Area.ACCOUNTS):
                _try_body(asker, verb.upper(), address, schema, Area.ACCOUNTS)


def _schema(operation: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    name = content.get("$ref", "").rpartition("/")[2]
    found = document["components"]["schemas"].get(name, content)
    return found.get("properties", {})


def _own(asker: Asker, path: str) -> str | None:
    """The address of an operation for a row that the user sees."""
    for route in routes():
        if route.address.startswith("api/v1/") and _documented(route.address) == path:
            values = values_of(route, asker.user, None)
            return route.at(values) if values is not None else None
    return None


def _documented(address: str) -> str:
    return "/" + re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", address).replace("^", "").replace("$", "")


def _try_body(asker: Asker, verb: str, address: str, schema: dict[str, Any], area: Area) -> None:
    shapes = []
    for number in (FOREIGN[area], MISSING[area]):
        body = {name: _value(kind, f"wx-{area}-{number}") for name, kind in schema.items()}
        shapes.append(shape(_undone(asker, verb, address, body), f"wx-{area}-{number}"))
    done = all(code < 300 for code, _, _ in shapes)  # what was typed is theirs to type, and is told with its time
    if shapes[0] != shapes[1] and not done:
        asker.note(verb, address, f"tells a foreign key from one that does not exist: {shapes[0]} {shapes[1]}"[:400])


def _value(schema: dict[str, Any], text: str) -> Any:
    return [text] if schema.get("type") == "array" else text


def bulk_actions(asker: Asker) -> None:
    """Each action of each list, with West's row ticked: nothing happens to it, and nothing is told of it."""
    request = RequestFactory().get("/admin/")
    request.user = asker.user
    for model, page in admin.site._registry.items():
        meta = model._meta
        if model not in scoped_models() and meta.model_name != "apikey":
            continue
        area = model.AREA  # type: ignore[attr-defined]
        if area not in asker.narrow or not page.has_view_permission(request):
            continue
        address = f"/admin/{meta.app_label}/{meta.model_name}/"
        for name in page.get_actions(request):
            shapes = []
            for number in (FOREIGN[area], MISSING[area]):
                sent = {"action": name, "_selected_action": str(number), "index": "0"}
                shapes.append(shape(_undone(asker, "POST", address, sent), str(number)))
            if shapes[0] != shapes[1]:
                asker.note("POST", address, f"action {name} tells a foreign row from none")
    for name in ("assign", "next-step", "pulse"):
        texts = [str(FOREIGN[Area.ACCOUNTS]), str(MISSING[Area.ACCOUNTS])]
        shapes = [shape(asker.ask("GET", f"/admin/book/{name}/?ids={text}"), text) for text in texts]
        if Area.ACCOUNTS in asker.narrow and shapes[0] != shapes[1]:
            asker.note("GET", f"/admin/book/{name}/", "tells a foreign account from none")
