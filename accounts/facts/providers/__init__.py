"""The parts of a profile that the rooms below make, one module each. Their order is that of the account page."""

from accounts.facts.providers import profile  # isort: split

from accounts.facts.providers import commercial  # isort: split

from accounts.facts.providers import deals  # isort: split

from accounts.facts.providers import interest  # isort: split

from accounts.facts.providers import usage  # isort: split

from accounts.facts.providers import support  # isort: split

from accounts.facts.providers import touches  # isort: split

from accounts.facts.providers import derived  # isort: split

from accounts.facts.providers import registers

__all__ = ["commercial", "deals", "derived", "interest", "profile", "registers", "support", "touches", "usage"]
