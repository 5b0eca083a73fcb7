"""The step *notify*: tells somebody of ours about the account, in the console, by e-mail or both. Nobody has to act."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.outbox import services as outbox
from accounts.outbox.registry import Purpose, purposes
from accounts.portfolio.models import Account, AccountMember
from accounts.portfolio.queries import holder
from accounts.team.models import User
from plays.runs.models import StepRun
from plays.steps.registry import StepKind, Trouble, step_kinds
from retention.conditions.language import FactType

FIELDS = ("to", "user", "by", "title", "text")
PARTS = dict(AccountMember.Part.choices)
CHANNELS = {"in_app": "in the console", "email": "by e-mail"}


def check(config: dict[str, Any], facts: Mapping[str, FactType]) -> list[Trouble]:
    """What is wrong with the configuration of a notification."""
    found = [
        Trouble(f".{name}", f"unknown key; a notification has {', '.join(sorted(FIELDS))}")
        for name in config
        if name not in FIELDS
    ]
    if not isinstance(config.get("title"), str) or not config["title"].strip():
        found.append(Trouble(".title", "is missing; say in a few words what happened"))
    if not isinstance(config.get("text", ""), str):
        found.append(Trouble(".text", "expected some text"))
    return found + _check_recipient(config) + _check_channels(config.get("by"))


def _check_recipient(config: dict[str, Any]) -> list[Trouble]:
    if ("to" in config) == ("user" in config):
        return [Trouble(".to", f"name a part of the account team ({', '.join(PARTS)}), or a username under `user`")]
    if "to" in config and config["to"] not in list(PARTS):
        return [Trouble(".to", f"expected one of {', '.join(PARTS)}")]
    if "user" in config and (not isinstance(config["user"], str) or not config["user"].strip()):
        return [Trouble(".user", "expected the username of one of our people")]
    return []


def _check_channels(by: Any) -> list[Trouble]:
    if isinstance(by, list) and by and all(isinstance(one, str) and one in CHANNELS for one in by):
        return []
    return [Trouble(".by", f"expected a list of one or more of {', '.join(CHANNELS)}")]


def start(step: StepRun, at: dt.datetime) -> bool:
    """Books the messages, and is done; where nobody has the part, nobody is told, and the run goes on all the same."""
    config, account = step.definition.config, step.run.account
    if user := _recipient(config, account):
        outbox.book([_message(step, config, account, user, channel) for channel in config["by"]], at=at)
    return True


def _recipient(config: dict[str, Any], account: Account) -> User | None:
    if "to" in config:
        return holder(account, config["to"])
    return User.objects.filter(username=config["user"], is_active=True).first()


def _message(step: StepRun, config: dict[str, Any], account: Account, user: User, channel: str) -> outbox.Message:
    link = reverse("admin:accounts_account_change", args=[account.pk])
    text = config.get("text", "").replace("{account}", account.name)
    if channel == "email":
        text = f"{text}\n\n{settings.PUBLIC_URL.rstrip('/')}{link}".strip()
    return outbox.Message(
        purpose="play",
        key=f"step:{step.pk}",
        channel=channel,
        subject=config["title"].replace("{account}", account.name),
        text=text,
        link=link,
        account=account,
        user=user,
    )


purposes.add("play", Purpose("Play"))
step_kinds.add("notify", StepKind("Notification", check, start, fields=FIELDS))
