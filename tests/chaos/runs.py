"""What is run in processes of its own to hurt runs: fill the book, feed occurrences, work."""

SETUP = """
import dataclasses, datetime as dt, os, pathlib, sys, threading, time
import django
django.setup()
from accounts.foundation import claims, many
from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from config import pipeline
from plays.definitions import services as definitions
from plays.definitions.models import Play
from plays.definitions.services import PlayDraft, StepDraft
from retention.evaluation.models import Edge, Watch
CONDITION = {"fact": "active_users_30d", "operator": "lessThan", "value": 3}
STEP = StepDraft("call", "human_task", {"title": "Call {account}", "owner": "csm", "due": "1 bd"})
def draft(key, **values):
    return PlayDraft(key, key, values.pop("purpose", "Talk."), "critical", CONDITION, None, [STEP], **values)
def filled(key, count):
    for other in Play.objects.filter(is_active=True):  # of the tests before
        definitions.deactivate(other, by=None, at=now())
    play = definitions.publish(draft(key), by=None, at=now()).play
    definitions.activate(play, by=None, at=now())
    accounts = [Account(key=f"{key}-{n}", name=f"{key} {n}", created_at=now()) for n in range(count)]
    many.insert(Account, accounts)
    return play, accounts
def enter(play, accounts):
    watch = Watch.objects.get(key=play.watch_key)
    many.insert(Edge, [
        Edge(watch=watch, account=one, n=1, direction="entered", cause="data", at=now(), clauses=[], pending=True)
        for one in accounts
    ])
"""

FEED = """
key, count, at_once = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
play, accounts = filled(key, count)
for first in range(0, count, at_once):
    enter(play, accounts[first:first + at_once])
    time.sleep(0.1)
"""
"""Arguments: the key of a play, how many accounts enter its condition, how many at a time."""

PUMP = """
LEASE = dt.timedelta(seconds=3)
for name, kind in claims.work.items():
    claims.work._entries[name] = dataclasses.replace(kind, lease=LEASE)
slow = pathlib.Path(sys.argv[1])
start = claims.work["steps"].carry_out
def carry_out(step, at):
    try:
        slow.rename(slow.with_name(f"slow-{os.getpid()}"))
    except OSError:
        return start(step, at)
    time.sleep(3 * LEASE.total_seconds())
    start(step, at)
claims.work._entries["steps"] = dataclasses.replace(claims.work["steps"], carry_out=carry_out)
while True:
    pipeline.run()
    time.sleep(0.05)
"""
"""One worker, with short leases. Argument: a file; whoever finds it carries out one step slowly."""

EVALUATE = """
from accounts.events import services as events
from accounts.facts.models import AccountFacts
key, count = sys.argv[1], int(sys.argv[2])
play, accounts = filled(key, count)
at = now()
AccountFacts.objects.bulk_create(
    AccountFacts(account=one, active_users_30d=2, day=at.date(), projected_at=at, custom={}, provenance={})
    for one in accounts
)
for _ in range(2):  # the same occurrences, told twice
    events.mark([one.pk for one in accounts], "verdicts", at=now())
def work():
    from django.db import connections
    until = time.monotonic() + 60
    while time.monotonic() < until and play.runs.count() < count:
        pipeline.run()
    connections.close_all()
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
edits = 0
while any(thread.is_alive() for thread in threads):
    definitions.publish(draft(key, purpose=f"Edit {edits}."), by=None, at=now())
    edits += 1
    time.sleep(0.2)
for thread in threads: thread.join()
print(edits)
"""
"""Arguments: the key of a play, how many accounts meet its condition. Four threads; meanwhile the play is edited."""

CALENDARS = """
from accounts.calendar import services as calendar
from accounts.calendar.models import Calendar
count, days = int(sys.argv[1]), int(sys.argv[2])
began = now() - dt.timedelta(days=days)
rule = {"every": 1, "unit": "days", "anchor": began.date().isoformat(), "hour": 0, "zone": "UTC"}
broken = {"kind": "cadence", "rule": {"every": "now and then"}, "followed_at": began, "next_attempt_at": began}
Calendar.objects.create(key="c0", reader="nobody", **broken)
for number in range(1, count):
    calendar.follow(calendar.CalendarDraft(f"c{number}", "nobody", "cadence", rule, "catch_up"), by=None, at=began)
"""
"""Arguments: how many daily calendars, and for how many days nobody looked at them. The first is malformed."""
