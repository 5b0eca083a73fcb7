"""Every write of the REST API, new ones included, leaves entries that say by whom, by which way, and what changed."""

import datetime as dt
import json
from collections import Counter
from typing import Any

from django.db import transaction

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.portfolio import services as portfolio
from accounts.team.models import User
from retention.work import feeds
from retention.work.models import WorkItem
from tests.api.test_hostile import Undone, admin, filled, names, operations  # noqa: F401  (fixtures)
from tests.architecture.code import ROOT

OF_A_SOURCE = "sent by a system by the thousand; each row keeps its source, its id there and when it came"
NO_CHANGE = "the row is so already"
SILENT = {
    **dict.fromkeys(("invoices_create", "invoices_bulk_create", "tickets_create", "tickets_bulk_create"), OF_A_SOURCE),
    **dict.fromkeys(("touches_bulk_create", "survey_responses_bulk_create", "facts_bulk_create"), OF_A_SOURCE),
    "notifications_read_create": "what somebody has seen concerns nobody else",
    "plays_deactivate_create": NO_CHANGE,
    "work_items_wake_create": NO_CHANGE,
    "quarantined_items_discard_create": "books work that a job does, each item with its entry",
    "quarantined_items_replay_many": "the same",
    "quarantined_items_settle_create": "the same",
    "webhook_endpoints_resume_create": NO_CHANGE,
    "webhook_endpoints_test_create": "changes nothing; the delivery says by whom it was asked for",
}
"""Operation → why it writes no entry although it succeeds."""
NOT_HERE = {
    "absences_partial_update": "tests/accounts/team/test_absences.py",
    "absences_end_create": "tests/accounts/team/test_absences.py",
    "dead_letters_discard_create": "tests/accounts/events/test_dead_letters.py",
    "dead_letters_retry_create": "tests/accounts/events/test_dead_letters.py",
    "deliveries_arrived_create": "tests/api/test_outbox.py",
    "deliveries_leave_create": "tests/api/test_outbox.py",
    "deliveries_send_again_create": "tests/api/test_outbox.py",
    "handoffs_change_promise": "tests/retention/handoffs/test_api.py",
    "handoffs_take_back_promise": "tests/retention/handoffs/test_api.py",
    "handoffs_save_item": "tests/retention/handoffs/test_api.py",
    **{
        f"handoffs_{verb}_create": "tests/retention/handoffs/test_api.py"
        for verb in ("accept", "go_on", "judge", "return", "sign_fit", "wait")
    },
    "handoffs_upload_file": "tests/retention/handoffs/test_files.py",
    "office_hours_create": "tests/api/test_office_hours.py",
    "office_hours_hold_create": "tests/api/test_office_hours.py",
    "person_requests_create": "tests/api/test_person_requests.py",
    "product_users_recognise_create": "tests/api/test_product_users.py",
    "touches_destroy": "tests/api/test_touches.py",
    **dict.fromkeys(
        (
            *("plan_objectives_create", "plan_objectives_reopen_create", "plan_tasks_create"),
            *("plan_tasks_reopen_create", "plan_wins_create", "plan_links_create", "success_plans_go_on_create"),
        ),
        "tests/api/test_success_plans.py",
    ),
    "users_reactivate_create": "tests/api/test_people.py",
    "work_items_go_on_create": "tests/api/test_waiting.py",
}
"""Operation → where it is carried out: it needs a row in a state that the rows of these tests are not in."""
SOON = now() + dt.timedelta(days=9)
INSTEAD: dict[str, Any] = {
    "absences_create": {
        "user": "amelia",
        "stand_in": "bruno",
        "starts_at": SOON.isoformat(),
        "ends_at": (SOON + dt.timedelta(days=5)).isoformat(),
    },
    "accounts_merge_create": {"into": "other"},
    "contracts_correct_create": {"arr": "1234.00", "reason": "A digit was lost."},
    "features_create": {"key": "kept", "name": "Kept", "tier": "core", "events": ["Report Kept"]},
    "features_partial_update": {"events": ["Report Seen"]},
    "health_overrides_create": {
        "account": "northwind-traders",
        "band": "red",
        "reason": "Their sponsor told me.",
        "until_on": f"{SOON.date()}",
    },
    "outbound_mode_change": {"mode": "internal"},
    "retention_periods_partial_update": {"days": 30},
    "users_deactivate_create": {"heirs": {}},
    "work_items_snooze_create": {"until": SOON.isoformat()},
}
"""Operation → a body that changes something here, where the example does not."""
WORDLESS = {"user.make_link", "user.mail_link"}
"""Verbs that change no value: they are done, and that is all."""


def writes(document: dict[str, Any]) -> list[tuple[str, str, str, Any]]:
    """Each call that changes something: its name, verb, path and a good body."""
    good = {(verb, path): body for verb, path, _, body in operations(document)}
    return [
        (said["operationId"], verb, path, INSTEAD.get(said["operationId"], good.get((verb, path))))
        for path, verbs in document["paths"].items()
        for verb, said in verbs.items()
        if verb in ("post", "patch", "put", "delete")
    ]


def attempt(api: Any, verb: str, path: str, body: Any) -> tuple[int, list[AuditEntry], bytes]:
    """The status of a call, its entries and its answer; afterwards everything is as before."""
    found: list[tuple[int, list[AuditEntry], bytes]] = []
    last = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    try:
        with transaction.atomic():
            answer = api.send(verb.upper(), path, json.dumps(body) if body is not None else "{}")
            entries = list(AuditEntry.objects.filter(pk__gt=last).order_by("pk"))
            found.append((answer.status_code, entries, answer.content))
            raise Undone
    except Undone:
        return found[0]


def faults(entries: list[AuditEntry], caller: User | None, door: str = "api") -> list[str]:
    """What the entries of one call of `caller`, or of the machine, through this door lack."""
    pk = caller.pk if caller else None
    found = [f"{one.verb} says by {one.actor_id}" for one in entries if one.actor_id != pk]
    found += [f"{one.verb} came in by {one.door}" for one in entries if one.door != door]
    empty = [one for one in entries if not one.before and not one.after]
    found += [f"{one.verb} says nothing of what changed" for one in empty if one.verb not in WORDLESS]
    told = Counter((one.verb, one.object_type, one.object_id, json.dumps(one.after)) for one in entries)
    return found + [f"{verb} of {kind} {pk} is told {n} times" for (verb, kind, pk, _), n in told.items() if n > 1]


def test_every_write_leaves_whole_entries(admin, names, document, bruno):  # noqa: F811
    item = WorkItem.objects.select_related("account").get(pk=names["/api/v1/work-items/{id}"])
    portfolio.assign(item.account, part="csm", user=bruno, by=None, at=now())  # whoever gets work sees its account
    caller = User.objects.get(username=admin.one("me/")["username"])
    feeds.renew(caller, by=None, at=now())  # so that there is an address to revoke
    wrong, silent, refused, verbs = [], set(), set(), set()
    for name, verb, path, body in writes(document):
        status, entries, content = attempt(admin, verb, filled(path, names), body)
        verbs |= {one.verb for one in entries}
        wrong += [f"{name}: {fault}" for fault in faults(entries, caller)]
        if status >= 400:
            refused.add(name)
            wrong += [f"{name}: {status} {content[:300]!r}"] if name not in NOT_HERE else []
        elif not entries:
            silent.add(name)
    assert not wrong, "\n".join(wrong)
    assert sorted(silent ^ SILENT.keys()) == []
    assert sorted(refused ^ NOT_HERE.keys()) == []
    assert len(verbs) >= 40, sorted(verbs)


def test_what_is_shown_elsewhere_is_there():
    for name, file in NOT_HERE.items():
        assert name.split("_")[-2].replace("partial", "replace") in (ROOT / file).read_text(), f"{name} in {file}"
