"""The facts that conditions may name."""

from collections.abc import Iterable, Iterator, Mapping

from .language import FactType


class Catalogue(dict[str, FactType]):
    """Facts by key, with their types. Those in `withheld` exist, but their use policy keeps them out of conditions."""

    def __init__(self, types: Mapping[str, FactType], withheld: Iterable[str] = ()) -> None:
        super().__init__(types)
        self.withheld = frozenset(withheld)

    def with_more(self, others: Mapping[str, FactType]) -> "Catalogue":
        """The same with `others` beside, which count where both know a fact."""
        kept = self.withheld - others.keys()
        return Catalogue({**self, **others}, kept | getattr(others, "withheld", frozenset()))


class Undeclared(Mapping[str, FactType]):
    """A catalogue in which every fact exists and none has a declared type: each value is typed by its JSON."""

    def __getitem__(self, key: str) -> FactType:
        return FactType.UNTYPED

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


UNDECLARED = Undeclared()
