"""Every form and action of the console, new ones included, leaves entries that say who did it, here, and what changed.

A form that leaves none is named below, with the reason or with the test that carries it out.
"""

import datetime as dt
import itertools
import json
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.test import Client, RequestFactory

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.portfolio.models import Account
from accounts.stakeholders.models import ProductUser
from accounts.team.models import User
from tests.access.asking import values_of
from tests.access.routes import routes
from tests.access.rules import CONSOLE
from tests.api.test_hostile import Undone
from tests.api.test_trail import faults
from tests.architecture.code import ROOT
from tests.config.console.forms import Form, encoded
from tests.config.console.test_hostile import console, first_addresses, forms, kind_of  # noqa: F401  (fixtures)
from tests.factories.accounts import StakeholderFactory

SOON = now() + dt.timedelta(days=9)
WORDS = "Plain words"
TYPED = {
    "date": f"{SOON.date()}",
    "time": "10:00",
    "datetime-local": f"{SOON:%Y-%m-%dT10:00}",
    "number": "5",
    "email": "plain@example.com",
    "url": "https://example.com/hook",
}
"""Kind of a field → what is typed into it where it is empty."""
ALWAYS = {"time_zone": "Europe/Berlin", "key": "plain", "url": "https://example.com/hook"}
"""The same by the name of the field."""
TODAY, NEXT_YEAR = f"{now().date()}", f"{now().date() + dt.timedelta(days=365)}"
TERM = {"starts_on": TODAY, "ends_on": NEXT_YEAR}
RACI = {"raci_sales": "", "raci_marketing": "", "raci_cs": "AR", "raci_support": "", "raci_revops": ""}
RULE = json.dumps({"all": [{"fact": "tickets_open", "operator": "greaterThan", "value": 3}]})
SURE = {"q": "ada@northwind.example", "sure": "erase"}
INSTEAD: dict[str, dict[str, str]] = {
    "accounts_contract_change": {"tier": "Gold"},
    "accounts_contract_sign": TERM,
    "accounts_contract_replace": TERM | {"arr": "7000"},
    "accounts_contract_correct": {"arr": "1234.00", "reason": "A digit was lost."},
    "accounts_contract_notice": {"given_on": TODAY},
    "accounts_deal_accept": TERM,
    "accounts_stakeholder_promote": {"name": "Ida Wells", "email": "ida@northwind.example"},
    "accounts_team_change": {"name": "Northerners"},
    "accounts_role_change": {"description": "Plain words", "reach_accounts": "all"},
    "accounts_delivery_mode": {"mode": "internal"},
    "accounts_source_edit": {"name": "Our product"},
    "retention_successplan_edit": {"review_days": "30"},
    "accounts_user_add": {"username": "plain"},
    "retention_businesscalendar_add": {"time_zone": "Europe/Berlin"},
    "retention_businesscalendar_change": {"time_zone": "Europe/Paris"},
    "retention_idealprofile_changelist": {"fit_from": "65"},
    "retention_idealprofile_change": {"fit_from": "65"},
    "retention_lifecycle_add_stage": RACI | {"enter": RULE},
    "retention_lifecycle_edit_stage": RACI | {"enter": RULE},
    "retention_change": {"days": "30"},
    "plays_play_trigger": {"condition": RULE},
    "accounts_personrequest_copy": SURE,
    "accounts_personrequest_erase": SURE,
}


ELSEWHERE: dict[str, str] = {
    "account start-play": "it leads to a page that shows what would start",
    "accounts_account_assign": "whoever is chosen first has the part already",
    "accounts_account_reach-milestone": "tests/retention/milestones/test_console.py",
    "accounts_account_start-handoff": "tests/retention/handoffs/test_page.py",
    "accounts_customfact_import": "tests/accounts/facts/test_import.py",
    "accounts_delivery_mode": "tests/accounts/outbox/test_console.py",
    "accounts_personrequest_settle": "tests/accounts/privacy/test_console.py",
    "accounts_plan_map": "tests/accounts/ingestion/test_tracking_plan.py",
    "accounts_plan_notice": "tests/accounts/ingestion/test_tracking_plan.py",
    "accounts_quarantine_group": "tests/accounts/ingestion/console/test_settling.py",
    "accounts_quarantine_items": "tests/accounts/ingestion/console/test_settling.py",
    "accounts_quarantine_plan": "tests/accounts/ingestion/console/test_settling.py",
    "accounts_quarantine_work": "tests/accounts/ingestion/console/test_settling.py",
    "accounts_touch_log": "tests/config/console/test_log_touch.py",
    "accounts_touch_next_step_done": "tests/accounts/touches/test_steps.py",
    "accounts_touch_undo": "tests/config/console/test_log_touch.py",
    "accounts_webhookendpoint_do": "tests/accounts/outbox/test_console.py",
    "book_assign": "tests/config/console/test_book.py",
    "book_csm": "tests/config/console/test_book.py",
    "book_filter_save": "tests/config/console/test_book.py",
    "book_pulse": "tests/config/console/test_book.py",
    "book_step": "tests/config/console/test_book.py",
    "condition_count": "it counts, and changes nothing",
    "dead_letters_decide": "tests/accounts/events/test_dead_letters.py",
    "notices_of_role": "tests/retention/work/test_console.py",
    "plays_play_edit": "tests/plays/authoring/test_write.py",
    "plays_play_new": "tests/plays/authoring/test_write.py",
    "retention_change": "tests/config/console/test_retention.py",
    "retention_audience_new": "tests/retention/audiences/test_console.py",
    "retention_audience_size": "it counts, and changes nothing",
    "retention_coveragepolicyversion_dimension": "tests/retention/coverage/test_console.py",
    "retention_coveragepolicyversion_line": "tests/retention/coverage/test_console.py",
    "retention_dimension_edit": "tests/retention/segments/test_console.py",
    "retention_dimension_new": "tests/retention/segments/test_console.py",
    "retention_handoff_do": "tests/retention/handoffs/test_page.py",
    "retention_handofftemplate_add_section": "tests/retention/handoffs/test_page.py",
    "retention_handofftemplate_edit": "tests/retention/handoffs/test_page.py",
    "retention_handofftemplate_shift_section": "tests/retention/handoffs/test_page.py",
    "retention_healthmodel_edit": "tests/retention/health/test_console.py",
    "retention_lifecycle_add_stage": "tests/retention/lifecycle/test_console.py",
    "retention_lifecycle_edit_stage": "tests/retention/lifecycle/test_console.py",
    "retention_lifecycle_remove_stage": "tests/retention/lifecycle/test_console.py",
    "retention_lifecycle_shift_stage": "tests/retention/lifecycle/test_console.py",
    "retention_plantemplate_edit": "tests/retention/success_plans/test_console.py",
    "retention_riskmodelversion_add_signal": "tests/retention/risks/test_console.py",
    "retention_riskmodelversion_change": "tests/retention/risks/test_console.py",
    "retention_riskmodelversion_changelist": "tests/retention/risks/test_console.py",
    "retention_successplan_close_objective": "tests/retention/success_plans/test_console.py",
    "retention_successplan_move": "tests/retention/success_plans/test_console.py",
    "retention_successplan_reopen_objective": "tests/retention/success_plans/test_console.py",
    "retention_valuemilestone_add_route": "tests/retention/milestones/test_console.py",
    "retention_valuemilestone_edit": "tests/retention/milestones/test_console.py",
    "retention_workitem_bulk": "tests/retention/work/test_console.py",
    "retention_workitem_take": "tests/retention/work/test_console.py",
    "retention_workitem_undo": "tests/retention/work/test_console.py",
    "retention_workitem_wake": "tests/retention/work/test_console.py",
    "security": "tests/accounts/sign_in/test_two_step.py",
    "sign_in_reset": "tests/accounts/sign_in/test_two_step.py",
    "sign_in_unlink": "tests/accounts/sign_in/test_unlink.py",
}
"""Route or action → why it leaves no entry here, or the test that carries it out."""


def place(form: Form) -> tuple[str, ...]:
    """What makes two forms the same one; empty where it changes nothing, and for the lists, whose actions follow."""
    names = {name for name, _ in form.sent} - {"csrfmiddlewaretoken"}
    kind = name_of(form.address)
    if form.verb != "post" or not kind or (kind.endswith("_changelist") and (not names or "action" in names)):
        return ()
    return (kind, *sorted(names))


def name_of(address: str) -> str:
    """The name of the route that answers at an address."""
    return kind_of(address).strip().removeprefix("admin:")


def fillings(form: Form) -> Iterator[dict[str, list[str]]]:
    """Ways to fill a form in: everything, and only what must be."""
    for is_short in (False, True):
        values: dict[str, list[str]] = {}
        for name, value in form.sent:
            if is_short and name in form.unticked:
                continue
            if name in form.typed and not value and not (is_short and name not in form.required):
                value = ALWAYS.get(name) or TYPED.get(form.kinds[name], WORDS)
            values.setdefault(name, []).append(value)
        yield values | {name: [value] for name, value in INSTEAD.get(name_of(form.address), {}).items()}


def attempt(client: Client, address: str, values: dict[str, list[str]]) -> tuple[int, list[AuditEntry], bytes]:
    """The status, the entries and the answer; afterwards everything is as before."""
    found: list[tuple[int, list[AuditEntry], bytes]] = []
    last = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    pairs = [(name, value) for name, several in values.items() for value in several]
    try:
        with transaction.atomic():
            answer: Any = client.generic(
                "POST", address, encoded(pairs), content_type="application/x-www-form-urlencoded"
            )
            entries = list(AuditEntry.objects.filter(pk__gt=last).order_by("pk"))
            found.append((answer.status_code, entries, b"" if answer.streaming else answer.content))
            raise Undone
    except Undone:
        return found[0]


def routed(northwind: Account, root: User) -> dict[str, str]:
    """Each page of the console that is not generated → its address, of a row where it is about one."""
    found = {}
    for route in routes():
        if route.rule and route.name in CONSOLE and (values := values_of(route, root, None)) is not None:
            found[route.name] = route.at(values)
    return found


class Done:
    """What was tried, and the entries of what succeeded."""

    def __init__(self, client: Client, root: User) -> None:
        self.client, self.root = client, root
        self.tried: dict[str, str] = {}
        """Name of a route or action → what its last refusal said."""
        self.heard: set[str] = set()
        self.verbs: set[str] = set()
        self.wrong: list[str] = []

    def attempt(self, name: str, address: str, values: dict[str, list[str]]) -> None:
        status, entries, content = attempt(self.client, address, values)
        if status == 403:
            return  # a page for looking, to everybody: its form has no button
        self.tried[name] = f"{status} {content[-200:]!r}"
        self.wrong += [f"{name}: {fault}" for fault in faults(entries, self.root, "console")]
        self.wrong += [f"{name} answers {status}"] if status >= 500 else []
        self.verbs |= {one.verb for one in entries}
        if entries:
            self.heard.add(name)

    @property
    def silent(self) -> set[str]:
        return self.tried.keys() - self.heard


def try_forms(done: Done, starts: Iterator[str]) -> None:
    """Every form of every page, until one of its kind leaves entries."""
    for _, form in list(forms(done.client, starts, place)):
        name = name_of(form.address)
        for values in fillings(form):
            if name not in done.heard:
                done.attempt(name, form.address, values)


def try_buttons(done: Done, known: dict[str, str]) -> None:
    """What only takes a POST, from a button: it has no page of its own."""
    for name, address in known.items():
        if name not in done.heard and done.client.get(address).status_code == 405:
            done.attempt(name, address, {field: [value] for field, value in INSTEAD.get(name, {}).items()})


def try_actions(done: Done) -> None:
    """Each action of each list, with its newest row ticked."""
    request = RequestFactory().get("/admin/")
    request.user = done.root
    for model, page in admin.site._registry.items():
        meta, row = model._meta, model._default_manager.order_by("pk").last()
        for name in page.get_actions(request) if row else ():
            values = {"action": [name], "_selected_action": [str(row.pk)], "index": ["0"]}
            done.attempt(f"{meta.model_name} {name}", f"/admin/{meta.app_label}/{meta.model_name}/", values)


def test_every_form_button_and_action_leaves_whole_entries(console: Client, northwind: Account) -> None:  # noqa: F811
    root = User.objects.get(username="root")
    console.raise_request_exception = False
    ProductUser.objects.update(account=northwind)
    StakeholderFactory(account=northwind, name="Ada Quill", email="ada@northwind.example")
    known, done = routed(northwind, root), Done(console, root)
    try_forms(done, itertools.chain(known.values(), first_addresses(northwind)))
    try_buttons(done, known)
    try_actions(done)
    unheard = {name: done.tried[name][:60] for name in done.silent - ELSEWHERE.keys()}
    heard = sorted(ELSEWHERE.keys() & done.heard)
    assert (done.wrong, unheard, heard) == ([], {}, []), (
        "faults; what left no entry and is not listed; what need not be"
    )
    assert len(done.verbs) >= 45, sorted(done.verbs)


def test_what_is_carried_out_elsewhere_is_there() -> None:
    assert not [file for file in ELSEWHERE.values() if file.startswith("tests/") and not (ROOT / file).exists()]
