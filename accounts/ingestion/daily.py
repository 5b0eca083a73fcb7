"""How many people used the product on each of the last 189 days: one list of numbers an account, newest day first."""

from collections.abc import Mapping
from typing import NamedTuple

from accounts.ingestion.ring import DAYS


class Daily(NamedTuple):
    """Active users by day. `counts[k]` belongs to the day k days before `last_day`."""

    last_day: int
    counts: list[int]

    def on(self, day: int) -> int:
        """Active users on one day; none before the list begins and after it ends."""
        back = self.last_day - day
        return self.counts[back] if 0 <= back < len(self.counts) else 0

    def between(self, first: int, last: int) -> list[int]:
        """Active users of each day from `first` to `last`, both included, oldest first."""
        start, stop = self.last_day - last, self.last_day - first + 1
        kept = self.counts[max(start, 0) : max(stop, 0)]
        later = min(max(-start, 0), stop - start)
        earlier = stop - start - later - len(kept)
        return [0] * earlier + kept[::-1] + [0] * later


def added(daily: Daily | None, users: Mapping[int, int]) -> Daily:
    """`daily` with so many further users on these days; what is older than 189 days falls out."""
    last = max(users, default=daily.last_day if daily else 0)
    if daily and daily.last_day >= last:
        last, counts = daily.last_day, list(daily.counts)
    else:
        counts = [0] * (last - daily.last_day) + daily.counts if daily else []
    for day, more in users.items():
        back = last - day
        if back >= DAYS:
            continue
        counts += [0] * (back + 1 - len(counts))
        counts[back] += more
    return Daily(last, counts[:DAYS])
