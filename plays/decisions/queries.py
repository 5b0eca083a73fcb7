from plays.decisions.models import Decision
from retention.evaluation.reading import sentence


def because(decision: Decision) -> str:
    """Why it was decided, in one line: what was seen, or who wanted it and why."""
    if decision.clauses or not decision.reason:
        return sentence(decision.clauses)
    return f"{decision.by or 'Somebody'} started it by hand: {decision.reason}"
