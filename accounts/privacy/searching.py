"""The search before an erasure: piece after piece, and what it found so far travels with whoever goes on.

Nothing is stored meanwhile, so nothing about the person is left where somebody does not go on.
"""

from dataclasses import dataclass, field
from typing import Any

from django.core import signing

from accounts.privacy import mentions
from accounts.privacy.mentions import Place
from accounts.privacy.person import Person

SALT = "accounts.privacy.searching"
GOOD_FOR_S = 3600
"""A search that rested for longer begins again: much may have been written since."""


@dataclass(frozen=True)
class Search:
    """How far the search for words that name a person is."""

    place: Place = field(default_factory=Place)
    found: tuple[dict[str, Any], ...] = ()
    """Where they are named, without a word of it."""
    ends: tuple[int, ...] = ()
    """The last id of each kind of rows when the search began; what came later is looked at in the end."""
    looked: float = 0.0
    whole: int = 0
    is_end: bool = False

    def further(self, person: Person, *, seconds: float) -> "Search":
        """The same search after another piece of about so many seconds."""
        ends = self.ends or mentions.last_ids()
        more = mentions.piece(person, self.place, found=len(self.found), seconds=seconds)
        places = tuple(one.place for one in more.found)
        return Search(more.place, self.found + places, ends, more.looked, more.whole, more.is_end)

    def words(self, person: Person) -> list[dict[str, Any]]:
        """Where the person is named: what was found, and what was written since the search began."""
        late = [one.place for one in mentions.since(person, self.ends)] if self.ends else []
        return [*self.found, *(place for place in late if place not in self.found)]

    def sealed(self, asked: str) -> str:
        """The search as a text for whoever asked so, which nobody can change."""
        return signing.dumps([asked, str(self.place), self.found, self.ends], salt=SALT, compress=True)


def so_far(text: str, asked: str) -> Search:
    """The search that was sealed for whoever asks so; a new one where it was for somebody else, or rested too long."""
    try:
        sealed_for, place, found, ends = signing.loads(text, salt=SALT, max_age=GOOD_FOR_S)
    except (signing.BadSignature, ValueError):  # ValueError: an earlier version sealed it
        return Search()
    is_theirs = sealed_for == asked and len(ends) == len(mentions.searched())
    return Search(Place.of(place), tuple(found), tuple(ends)) if is_theirs else Search()
