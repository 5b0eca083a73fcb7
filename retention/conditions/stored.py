"""What the stored JSON of a condition says, whether or not it can still be parsed: a fact it asks for may be gone."""


def facts_named(source: object) -> set[str]:
    """The keys of the facts that the JSON of a condition names, also where it cannot be parsed any more."""
    if isinstance(source, list):
        return set[str]().union(*map(facts_named, source))
    if not isinstance(source, dict):
        return set()
    named = {source["fact"]} if isinstance(source.get("fact"), str) else set[str]()
    return named.union(*(facts_named(inner) for name, inner in source.items() if name in ("all", "any", "not")))
