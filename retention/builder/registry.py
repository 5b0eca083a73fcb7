"""Facts that take one of a few values: what a condition offers to choose from."""

from collections.abc import Callable, Iterable
from typing import Any

from accounts.contracts.models import Contract
from accounts.foundation.registry import Registry
from accounts.portfolio.models import Account
from accounts.stakeholders.models import StakeholderRole
from accounts.touches.models import Pulse

Choices = Callable[[], Iterable[tuple[str, Any]]]

choices: Registry[Choices] = Registry("choices of a fact")
"""Key of a fact → its values with their names; asked each time. The room that owns the fact adds it."""

choices.add("account_state", lambda: Account.State.choices)
choices.add("use_case", lambda: Account.UseCase.choices)
choices.add("complexity", lambda: Account.Complexity.choices)
choices.add("billing_status", lambda: Contract.Billing.choices)
choices.add("pulse", lambda: Pulse.Value.choices)
choices.add("stakeholder_roles", lambda: StakeholderRole.Role.choices)
choices.add("champion_status", lambda: [("known", "Known"), ("left", "Left"), ("missing", "Missing")])
