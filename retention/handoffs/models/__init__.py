from retention.handoffs.models.running import Answer, Handoff, HandoffFile, HandoffTurn, ItemReturn, Promise
from retention.handoffs.models.templates import (
    HandoffItem,
    HandoffSection,
    HandoffTemplate,
    HandoffVersion,
)

__all__ = [
    "Answer",
    "Handoff",
    "HandoffFile",
    "HandoffItem",
    "HandoffSection",
    "HandoffTemplate",
    "HandoffTurn",
    "HandoffVersion",
    "ItemReturn",
    "Promise",
]
