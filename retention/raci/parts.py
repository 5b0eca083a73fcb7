"""Who answers for something: five functions, and the part each has in it."""

from collections.abc import Mapping

from django.db.models import TextChoices


class Function(TextChoices):
    """The functions among which work is divided, in the order in which they are always shown."""

    SALES = "sales", "Sales"
    MARKETING = "marketing", "Marketing"
    CS = "cs", "CS"
    SUPPORT = "support", "Support"
    REVOPS = "revops", "RevOps"


class Part(TextChoices):
    """What a function has to do with it."""

    BOTH = "AR", "Accountable and responsible"
    """Answers for the result, and does the work too."""
    ACCOUNTABLE = "A", "Accountable"
    """Answers for the result: exactly one does."""
    RESPONSIBLE = "R", "Responsible"
    """Does the work: at least one does."""
    CONSULTED = "C", "Consulted"
    """Is asked before."""
    INFORMED = "I", "Informed"
    """Is told after."""


Raci = dict[str, str]
"""Function → its part; functions that have none are left out. Empty: nobody has said."""
ANSWERS = (Part.ACCOUNTABLE.value, Part.BOTH.value)
WORKS = (Part.RESPONSIBLE.value, Part.BOTH.value)


def problems(raci: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with it, by function, or under "" where it is the whole."""
    found = {name: f"There is no function {name}; there are {', '.join(Function.values)}." for name in raci}
    found = {name: said for name, said in found.items() if name not in Function.values}
    for name, part in raci.items():
        if part not in Part.values:
            found[name] = f"Expected one of {', '.join(Part.values)}."
    if raci and not found:
        answering = sum(part in ANSWERS for part in raci.values())
        if answering != 1:
            found[""] = f"Exactly one function is accountable (A or AR); here {answering or 'none'} is."
        elif not any(part in WORKS for part in raci.values()):
            found[""] = "At least one function is responsible (R or AR); here none is."
    return found


def ordered(raci: Mapping[str, str]) -> Raci:
    """The same in the order of the functions."""
    return {name: raci[name] for name in Function.values if raci.get(name)}
