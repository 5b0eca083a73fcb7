"""What is run in processes of its own to let every kind of occasion come to many accounts."""

PREPARE = """
from accounts.facts.models import AccountFacts
from accounts.identity.models import ExternalId
from accounts.workspace.models import Source
count = int(sys.argv[1])
BUSY = {"fact": "tickets_open", "operator": "greaterThan", "value": 2}
at, day = now(), dt.timedelta(days=1)
before = at - 2 * day
cadence = {"every": 1, "unit": "days", "anchor": at.date().isoformat(), "hour": 0, "zone": "UTC", "for": BUSY}
TRIGGERS = {
    "event": {"kind": "account.changed"},
    "signal": {"event": "Export Downloaded"},
    "cadence": cadence,
    "window": {"fact": "contract_end_date", "days": 90},
}
accounts = {}
for kind, trigger in TRIGGERS.items():
    accounts[kind] = [Account(key=f"{kind}-{n}", name=f"{kind} {n}", created_at=before) for n in range(count)]
    many.insert(Account, accounts[kind])
    known = {"cadence": {"tickets_open": 3}, "window": {"contract_end_date": at.date() + 89 * day}}.get(kind)
    if known:
        AccountFacts.objects.bulk_create(
            AccountFacts(account=one, day=at.date(), projected_at=at, custom={}, provenance={}, **known)
            for one in accounts[kind]
        )
source = Source.objects.get(key="product")
many.insert(ExternalId, [ExternalId(source=source, value=one.key, account=one) for one in accounts["signal"]])
for kind, trigger in TRIGGERS.items():
    asked = PlayDraft(kind, kind, "Talk.", "critical", trigger, None, [STEP], starts_on=kind)
    definitions.activate(definitions.publish(asked, by=None, at=before).play, by=None, at=before)
"""
"""Argument: how many accounts there are for each kind of trigger. Cadences and windows come at once."""

HAPPEN = """
import json
from accounts.ingestion import services as ingestion
from accounts.portfolio import events
from accounts.workspace.models import Source
at_once, source = int(sys.argv[1]), Source.objects.get(key="product")
changed = list(Account.objects.filter(key__startswith="event-").order_by("pk"))
for first in range(0, len(changed), at_once):
    some = changed[first:first + at_once]
    events.happened_to_many("account.changed", [events.Happening(one) for one in some], by=None, at=now())
    items = [
        {"type": "track", "event": "Export Downloaded", "userId": "ada", "messageId": f"m-{first + n}",
         "context": {"groupId": f"signal-{first + n}"}}
        for n in range(len(some))
    ]
    for _ in range(2):  # a client that repeats itself
        ingestion.accept(json.dumps({"batch": items}).encode(), call="batch", source=source, at=now())
    time.sleep(0.1)
"""
"""Argument: to how many accounts at a time an event and a signal come, one after the other."""

SMALL_PIECES = """
from accounts.calendar import looking
from plays.triggers import rounds
from plays.triggers import services as triggers
from retention.evaluation import queries
looking.BATCH = rounds.AT_ONCE = triggers.BATCH = queries.CHUNK = int(sys.argv[2])
"""
"""A second argument of the pump: how much it does in one transaction, so that many are under way in turn."""
