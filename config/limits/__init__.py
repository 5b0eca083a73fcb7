"""Every bound of the product, in one table for each heading; importing the package registers them.

A line names the constant that the code enforces and repeats no number: page, API and code cannot differ.
"""

from config.limits import accounts, definitions, doors, people, plans, rules, watch, work

__all__ = ["accounts", "definitions", "doors", "people", "plans", "rules", "watch", "work"]
