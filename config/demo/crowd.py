"""The people of one customer, the same whenever somebody asks: those who decide, and those who use the product."""

from dataclasses import dataclass

from config.demo import people, presence
from config.demo.dice import dice
from config.demo.people import Contact, Roster, Seat
from config.demo.stories import Story


@dataclass(frozen=True)
class Crowd:
    """Contacts and users of account `number`; `roster` gives those who come later names that nobody there has."""

    contacts: list[Contact]
    seats: list[Seat]
    roster: Roster


def crowd(story: Story, number: int, *, seed: int) -> Crowd:
    """Depends on nothing but these three, so that the pulse meets the people whom the book introduced."""
    rng = dice(seed, "people", number)
    roster = Roster(story.company, rng)
    contacts = people.committee(story, roster)
    if not story.instrumented:
        return Crowd(contacts, [], roster)
    count = presence.head_count(story, rng)
    seats = presence.shaped(people.seats(story, contacts, roster, count=count), story.use, rng)
    return Crowd(contacts, seats, roster)
