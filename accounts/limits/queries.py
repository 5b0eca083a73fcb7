"""How much of each limit is used now."""

from dataclasses import dataclass

from accounts.limits.registry import WARNING_AT, Limit, Use, limits, spoken


@dataclass(frozen=True)
class Line:
    """One limit as it stands."""

    name: str
    limit: Limit
    bound: int
    use: Use | None = None

    @property
    def share(self) -> float | None:
        """The part that is used; None where nobody can say, or nothing bounds it."""
        return self.use.used / self.bound if self.use and self.bound else None

    @property
    def percent(self) -> int | None:
        return None if self.share is None else int(self.share * 100)

    @property
    def is_near(self) -> bool:
        """Whether people are warned."""
        return self.share is not None and self.share >= WARNING_AT

    @property
    def is_reached(self) -> bool:
        return self.share is not None and self.share >= 1

    @property
    def words(self) -> str:
        """The bound as one says it; a setting of 0 means that there is none."""
        return "no limit" if self.limit.variable and not self.bound else self.limit.words

    @property
    def used_words(self) -> str:
        return spoken(self.use.used, self.limit.unit) if self.use else ""


def line(name: str, *, with_use: bool = True) -> Line:
    """One limit with its bound, and with its use where it is counted."""
    limit = limits[name]
    return Line(name, limit, limit.value, limit.use() if limit.use and with_use else None)


def lines() -> list[Line]:
    """Every limit, by its heading."""
    order = list(type(next(iter(limits.values())).group))
    return sorted((line(name) for name in limits), key=lambda one: order.index(one.limit.group))


def counted() -> list[Line]:
    """The limits whose use is counted."""
    return [line(name) for name, limit in limits.items() if limit.use]
