"""`manage.py why ACCOUNT PLAY`: what a play decided about an account, and on what evidence."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.foundation.clock import now
from accounts.foundation.commands import refuse
from accounts.portfolio.models import Account
from plays.decisions.models import Decision
from plays.decisions.queries import because
from plays.definitions.models import Play
from plays.triggers import why
from plays.triggers.why import Verdict
from retention.conditions.values import as_json
from retention.evaluation.reading import read

TRUTH = {True: "true", False: "false", None: "unknown"}


class Command(BaseCommand):
    help = "Says what a play decided about an account, newest first; where it decided nothing, what it sees now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", metavar="ACCOUNT", help="key of the account")
        parser.add_argument("play", metavar="PLAY", help="key of the play")
        parser.add_argument("--json", action="store_true", dest="as_json", help="the same for machines")

    def handle(self, *args: Any, account: str, play: str, as_json: bool, **options: Any) -> None:
        customer, definition = self._account(account), self._play(play)
        decisions = why.decisions(customer, definition)
        verdict = why.verdict(customer, definition, at=now())
        if as_json:
            self.stdout.write(json.dumps(_document(customer, definition, decisions, verdict), indent=2))
        elif decisions:
            for decision in decisions:
                self._tell(decision)
        else:
            self.stdout.write(f"{definition} has decided nothing about {customer} yet.")
            self.stdout.write(why.silence(customer, definition, verdict))
            self._tell_clauses(verdict.clauses)

    def _account(self, key: str) -> Account:
        found = Account.objects.called(key).first()
        return found or refuse(self, f"There is no account with the key {key}.")

    def _play(self, key: str) -> Play:
        found = Play.objects.filter(key=key).first()
        keys = ", ".join(Play.objects.order_by("key").values_list("key", flat=True)) or "none; import a playbook"
        return found or refuse(self, f"There is no play with the key {key}. Plays: {keys}.")

    def _tell(self, decision: Decision) -> None:
        detail = f" {decision.detail}" if decision.detail else ""
        self.stdout.write(
            f"{decision.at:%Y-%m-%d %H:%M} UTC, version {decision.version.number}: "
            f"{decision.get_outcome_display()}, because {because(decision)}.{detail}"
        )
        self._tell_clauses(decision.clauses)

    def _tell_clauses(self, clauses: list[dict[str, Any]]) -> None:
        for clause in read(clauses):
            self.stdout.write(f"  {TRUTH[clause.truth]:8} {clause.rule}; observed: {clause.observed}")


def _document(account: Account, play: Play, decisions: list[Decision], verdict: Verdict) -> dict[str, Any]:
    return {
        "account": account.key,
        "play": play.key,
        "is_active": play.is_active,
        "decisions": [
            {
                "at": as_json(decision.at),
                "version": decision.version.number,
                "outcome": decision.outcome,
                "detail": decision.detail,
                "occurrence": decision.occurrence_key,
                "clauses": decision.clauses,
            }
            for decision in decisions
        ],
        "now": {"truth": verdict.truth, "clauses": verdict.clauses},
    }
