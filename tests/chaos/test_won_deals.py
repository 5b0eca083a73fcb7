"""A CRM that reports one win fifty times at the same moment, to two web servers with two workers behind them."""

import json
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.chaos.installation import Installation, wait_until
from tests.chaos.pumps import number
from tests.chaos.servers import free_port
from tests.chaos.test_limits import ask, is_there

pytestmark = pytest.mark.processes
AT_ONCE = 50
PREPARE = """
import django; django.setup()
from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.team import keys
from accounts.team import services as team
from accounts.team.models import Role
for name in ("ae", "csm"):
    role = {"role": Role.objects.get(key=name), "team": None, "password": "long-enough-7"}
    who = {"username": name, "email": name + "@anchor.example", "first_name": name, "last_name": "Tester"}
    user = team.add_user(by=None, at=now(), **who, **role)
    portfolio.assign(Account.objects.get(key="northwind"), part=name, user=user, by=None, at=now())
print(keys.issue(name="crm", scope="write", by=None, at=now())[1])
"""
WIN = {
    **{"source": "product", "external_id": "D-1", "account": "northwind", "type": "new", "state": "won", "owner": "ae"},
    **{"name": "First year", "amount": "48000.00", "term_months": 12},
}
ONE_OF_EACH = {
    "deal": "SELECT count(*) FROM accounts_deal",
    "contract proposed": "SELECT count(*) FROM accounts_contractproposal",
    "handoff": "SELECT count(*) FROM retention_handoff WHERE state = 'open'",
    "turn": "SELECT count(*) FROM retention_handoffturn",
    "plan": "SELECT count(*) FROM retention_successplan",
}
UNHEARD = "SELECT count(*) FROM accounts_reaction WHERE state = 'due'"


def test_fifty_repeats_of_a_won_deal_make_one_of_each(place: Installation) -> None:
    key = place.run(PREPARE).strip().splitlines()[-1]
    ports = [place.port, free_port()]
    for port in ports:
        place.environment["PORT"] = str(port)
        place.start("web")
        place.start("work")
    for port in ports:
        wait_until(lambda port=port: is_there(port), 90)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def report(one: int) -> int:
        return ask(ports[one % 2], "POST", "/api/v1/deals/", json.dumps(WIN), headers)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = Counter(pool.map(report, range(AT_ONCE)))
    assert answers == {201: 1, 200: AT_ONCE - 1}, place.logs()
    wait_until(lambda: number(place, ONE_OF_EACH["plan"]) and number(place, ONE_OF_EACH["handoff"]), 90)
    wait_until(lambda: not number(place, UNHEARD), 90)
    assert {name: number(place, text) for name, text in ONE_OF_EACH.items()} == dict.fromkeys(ONE_OF_EACH, 1)
    tasks = [count for (count,) in place.rows("SELECT count(*) FROM retention_plantask GROUP BY list, title")]
    assert tasks
    assert set(tasks) == {1}
    sys.stdout.write(f"\n{AT_ONCE} repeats of one win over two servers: one of each, and {len(tasks)} tasks once\n")
