"""Versions that somebody published while somebody else had the definition open: told before they are taken back."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest

LONGEST = 9
"""Digits from which on a number is that of no version."""
Told = tuple[Any, list[str]]
"""A version, and what it says otherwise than the one before."""


def overtaking(request: HttpRequest, number: int, versions: Callable[[], Sequence[Told]]) -> dict[str, Any]:
    """What a page that edits version `number` says of it: its number, which the form sends back, and the newer
    versions than the one that the form was opened with. As long as there are any, nothing is published."""
    opened = request.POST.get("opened", "")
    before = int(opened) if opened.isdecimal() and len(opened) < LONGEST else number
    newer = [one for one in versions() if one[0].number > before] if before < number else []
    return {"opened": number, "overtaken": newer}
