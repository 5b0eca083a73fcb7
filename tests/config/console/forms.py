"""Reads the forms and links of a page as a browser does, and fills the forms in."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote_from_bytes, urljoin, urlsplit

TYPED = {"text", "search", "email", "number", "url", "date", "time", "datetime-local", "password", "tel", "textarea"}
"""Kinds of fields into which somebody types."""
LINKS = ("href", "data-dialog", "data-inline")
"""Attributes that lead to a page of the console."""


@dataclass
class Form:
    """One form: where it goes, what it sends as it stands, and which of its fields are typed into."""

    address: str
    verb: str
    sent: list[tuple[str, str]] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    """Name of a field → its kind, as HTML calls it."""
    required: set[str] = field(default_factory=set)
    unticked: set[str] = field(default_factory=set)
    """Boxes without a tick, which `sent` holds all the same."""

    @property
    def typed(self) -> set[str]:
        return {name for name, kind in self.kinds.items() if kind in TYPED}

    def with_text(self, text: str) -> list[tuple[str, str]]:
        """What is sent with `text` in every field into which somebody types."""
        kept = [pair for pair in self.sent if pair[0] not in self.typed]
        return kept + [(name, text) for name in sorted(self.typed)]

    def forged(self, text: str) -> list[tuple[str, str]]:
        """What no browser would send: `text` in every field there is."""
        return [(name, value if name == "csrfmiddlewaretoken" else text) for name, value in self.sent]


class Page(HTMLParser):
    """The forms and links of a page."""

    def __init__(self, address: str, text: str) -> None:
        super().__init__()
        self.address, self.forms, self.links = address, list[Form](), list[str]()
        self._form: Form | None = None
        self._select = self._chosen = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attributes}
        self.links += [self._local(said[name]) for name in LINKS if said.get(name)]
        if tag == "form":
            self._form = Form(self._local(said.get("action", "")), said.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form and tag in ("input", "textarea", "select", "option", "button"):
            self._field(self._form, tag, said)

    def _field(self, form: Form, tag: str, said: dict[str, str]) -> None:
        name, kind = said.get("name", ""), said.get("type", "text") if tag == "input" else tag
        if tag == "select":
            self._select = name
        if tag == "option" and self._select:
            self._option(form, said)
        if not name or tag in ("select", "option", "button"):
            return
        form.kinds[name] = kind
        if "required" in said:
            form.required.add(name)
        if kind not in ("checkbox", "radio") or "checked" in said or name not in dict(form.sent):
            if kind == "checkbox":
                (form.unticked.discard if "checked" in said else form.unticked.add)(name)
            form.sent.append((name, said.get("value", "on" if kind == "checkbox" else "")))

    def _option(self, form: Form, said: dict[str, str]) -> None:
        """A list sends what is chosen, else its first entry that says something."""
        known = [pair for pair in form.sent if pair[0] == self._select]
        if "selected" in said or not known or not known[0][1]:
            form.sent = [pair for pair in form.sent if pair not in known] + [(self._select, said.get("value", ""))]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""

    def _local(self, address: str) -> str:
        found = urlsplit(urljoin(self.address, address))
        return found.path + (f"?{found.query}" if found.query else "")


def encoded(pairs: list[tuple[str, str]]) -> str:
    """The pairs as a browser sends them; half a character goes as the bytes it would have."""
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)


def _quoted(text: Any) -> str:
    return quote_from_bytes(str(text).encode("utf-8", "surrogatepass"), safe="")
