"""Definitions as YAML that is pleasant to read and to edit, and that says exactly what was written.

Reading the text of a body with `plays.playbook.files` gives the body again, whatever its texts hold. PyYAML's own
dumper breaks lines where it likes, loses a character (U+0085) on the way, and cannot decide by width what stands on
one line; the forms used here are few.
"""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from yaml.nodes import ScalarNode
from yaml.resolver import Resolver

from plays.playbook.layout import OneLine

WIDTH = 120
STEP = 2
TEXT = "tag:yaml.org,2002:str"

_resolver = Resolver()
_WORDS = {"y", "n"}
"""Yes and no to some readers of YAML, although not to ours."""
_ENDS_FLOW = frozenset(",:?[]{}")
_JOINERS = frozenset("\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}")
"""Letters of a kind: emoji, Persian and French need them. Whatever else is invisible is written as its number."""
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def written(body: Mapping[str, Any]) -> str:
    """`body` (texts, numbers, flags, null, lists and mappings by text) as the text of a file."""
    return "".join(f"{line}\n" for line in _block(body, 0))


def _block(value: Mapping[str, Any] | Sequence[Any], indent: int) -> Iterator[str]:
    """The lines of a mapping or a list that is not empty, one entry below the other."""
    margin = " " * indent
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _entry(f"{margin}{_scalar(key, in_flow=True)}:", item, indent + STEP)
        return
    for item in value:
        if _is_inline(f"{margin}-", item) or isinstance(item, str):
            yield from _entry(f"{margin}-", item, indent + STEP)
        else:  # the first line of the item stands beside the dash
            first, *rest = _block(item, indent + STEP)
            yield f"{margin}- {first[indent + STEP :]}"
            yield from rest


def _entry(head: str, value: Any, indent: int) -> Iterator[str]:
    """`value` after `head`: beside it where it fits there, else below it."""
    if isinstance(value, str):
        yield from _text(head, value, " " * indent)
    elif _is_inline(head, value):
        yield f"{head} {_flow(value, in_flow=False)}"
    else:
        yield head
        yield from _block(value, indent)


def _is_inline(head: str, value: Any) -> bool:
    if not isinstance(value, (dict, list)) or not value:
        return True
    if isinstance(value, dict) and not isinstance(value, OneLine):
        return False
    if isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        return False
    return len(head) + 1 + len(_flow(value)) <= WIDTH


def _flow(value: Any, *, in_flow: bool = True) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key, in_flow=True)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value, in_flow=in_flow)


def _scalar(value: Any, *, in_flow: bool) -> str:
    if isinstance(value, str):
        return value if _is_plain(value, in_flow=in_flow) else _quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    return "null" if value is None else str(value)


def _number(value: float) -> str:
    """A float with a dot in it: without one, YAML 1.1 takes 1e+16 for text."""
    mantissa, e, exponent = repr(value).partition("e")
    return f"{mantissa if '.' in mantissa or not e else mantissa + '.0'}{e}{exponent}"


def _text(head: str, value: str, margin: str) -> Iterator[str]:
    """A text: beside `head`; its own lines below where it has several; folded where it is one long line."""
    beside = f"{head} {_scalar(value, in_flow=False)}"
    if _is_literal(value):
        yield f"{head} |" if value.endswith("\n") else f"{head} |-"
        yield from (margin + line if line else "" for line in value.removesuffix("\n").split("\n"))
    elif len(beside) > WIDTH and _is_foldable(value):
        yield f"{head} >-"
        yield from _folded(value, margin)
    else:
        yield beside


def _folded(value: str, margin: str) -> list[str]:
    return textwrap.wrap(
        value,
        WIDTH,
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
        expand_tabs=False,
        replace_whitespace=False,
    )


def _is_literal(value: str) -> bool:
    """Whether the lines of `value` can stand as they are: nothing invisible in them that an editor would take away."""
    lines = value.removesuffix("\n").split("\n")
    return (
        "\n" in value
        and bool(lines[0])
        and bool(lines[-1])
        and all(map(_is_visible, lines))
        and not lines[0].startswith(" ")
        and not any(line.endswith(" ") for line in lines)
    )


def _is_foldable(value: str) -> bool:
    """Whether `value` has lines to be broken into which, joined by one space each, are `value` again."""
    return " " in value and _is_visible(value) and all(value.split(" "))


def _is_plain(value: str, *, in_flow: bool) -> bool:
    """Whether `value` may go without quotes: no reader takes it for anything but this text."""
    return (
        value[:1].isalnum()
        and value == value.strip()
        and _is_visible(value)
        and ": " not in value
        and " #" not in value
        and not value.endswith(":")
        and not (in_flow and _ENDS_FLOW & set(value))
        and _resolver.resolve(ScalarNode, value, (True, False)) == TEXT
        and value.lower() not in _WORDS
        and not _is_numeral(value)
    )


def _is_visible(value: str) -> bool:
    return all(letter.isprintable() or letter in _JOINERS for letter in value)


def _is_numeral(value: str) -> bool:
    """Whether some reader could take `value` for a number, such as 1e3 or 0o17."""
    for read in (float, lambda text: int(text, 0)):
        try:
            read(value)
        except ValueError:
            continue
        return True
    return False


def _quoted(value: str) -> str:
    return '"' + "".join(_ESCAPES.get(letter) or _shown(letter) for letter in value) + '"'


def _shown(letter: str) -> str:
    if _is_visible(letter):
        return letter
    return f"\\U{ord(letter):08X}" if ord(letter) > 0xFFFF else f"\\u{ord(letter):04X}"
