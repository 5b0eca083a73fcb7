"""The demo book tells every story that the present features can show, and leads to work for its CSMs."""

import datetime as dt

import pytest
from django.db.models import Count

from accounts.contracts.models import ArrMovement, Contract
from accounts.facts.models import AccountFacts
from accounts.foundation.clock import now, utc_day
from accounts.identity.models import ExternalId
from accounts.ingestion.models import EventName, InboxRequest, MilestoneReached, QuarantinedItem, SignalEvent
from accounts.portfolio.models import Account, AccountEvent
from accounts.stakeholders.models import ProductUser, Stakeholder
from accounts.team.models import Team, User
from plays.runs.models import Run
from retention.work.models import WorkItem

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("said")]
DAY = dt.timedelta(days=1)


def dropped() -> list[AccountFacts]:
    return list(AccountFacts.objects.filter(active_users_change_30d__lt=-0.3).select_related("account"))


def test_each_drop_in_use_became_one_open_run_and_one_task_with_somebody_to_do_it():
    fallen = {facts.account_id for facts in dropped()}
    assert len(fallen) >= 5
    assert set(Run.objects.filter(state=Run.State.OPEN).values_list("account", flat=True)) == fallen
    items = list(WorkItem.objects.filter(kind="task").select_related("assignee"))
    assert sorted(item.account_id for item in items) == sorted(fallen)
    assert all(item.assignee is not None and item.due_at > now() for item in items)


def test_one_of_them_lost_more_than_half():
    assert any(facts.active_users_change_30d < -0.5 for facts in dropped())


def test_the_csm_whose_sign_in_is_printed_has_the_most_to_do():
    raised = WorkItem.objects.filter(kind="task")
    by_csm = raised.values_list("assignee__username").annotate(n=Count("id")).order_by("-n")
    assert by_csm[0] == ("maya", 3)


def test_a_task_of_an_account_without_csm_goes_to_the_operator():
    account = Account.objects.get(name="Quillfeather Publishing")
    assert not account.members.filter(part="csm").exists()
    assert WorkItem.objects.get(account=account).assignee.role.key == "operator"


def test_stages_follow_from_the_facts():
    stages = set(AccountFacts.objects.values_list("stage", flat=True))
    assert stages >= {"closed_won", "onboarded", "renewal", "churned", "qualified"}
    assert "expanded" in stages, "adopted, in more than one team"


def test_some_contracts_end_within_120_days():
    today = utc_day(now())
    assert AccountFacts.objects.filter(contract_end_date__range=(today, today + 120 * DAY)).count() >= 3


def test_a_churned_account_has_no_arr_left():
    churned = Account.objects.get(state=Account.State.CHURNED)
    assert churned.facts.contract_end_date < utc_day(now()) - 30 * DAY
    assert churned.facts.arr_minor == 0
    assert churned.arr_movements.filter(kind=ArrMovement.Kind.CHURN).exists()


def test_notice_was_given_for_a_contract_that_still_runs():
    running = Contract.objects.filter(status=Contract.Status.CANCELLED, ends_on__gt=utc_day(now()))
    assert running.get().account.facts.arr_minor > 0


def test_a_contract_ended_and_nobody_signed_the_next():
    late = Account.objects.get(name="Thornbury Assurance")
    assert utc_day(now()) - 30 * DAY < late.facts.contract_end_date < utc_day(now())
    assert late.facts.arr_minor > 0


def test_a_parent_has_two_children():
    parent = Account.objects.get(name="Marigold Hospitality Group")
    assert parent.children.count() == 2
    assert {child.root for child in parent.children.all()} == {parent}


def test_one_account_has_two_contracts_at_once():
    account = Account.objects.get(name="Saffron & Slate")
    assert account.contracts.filter(status=Contract.Status.ACTIVE).count() == 2


def test_one_account_shrank_and_then_grew():
    kinds = Account.objects.get(name="Delmar Aerospace Components").arr_movements.order_by("effective_on")
    assert list(kinds.values_list("kind", flat=True)) == ["new", "contraction", "expansion"]


def test_what_was_never_connected_is_unknown_and_not_zero():
    account = Account.objects.get(name="Lakehead Library Consortium")
    assert not ExternalId.objects.filter(account=account, source__kind="product").exists()
    assert account.facts.active_users_30d is None


def test_some_contracts_are_used_more_than_planned_and_some_far_less():
    shares = [
        facts.active_users_30d / facts.usage_target
        for facts in AccountFacts.objects.filter(usage_target__gt=0, active_users_30d__isnull=False)
    ]
    assert any(share >= 0.9 for share in shares)
    assert any(share < 0.8 for share in shares)


def test_contracts_name_what_was_sold():
    assert {contract.product.key for contract in Contract.objects.select_related("product")} == {
        "essentials",
        "professional",
        "enterprise",
    }


def test_fit_is_spread_from_bad_to_good():
    fits = list(AccountFacts.objects.filter(icp_fit__isnull=False).values_list("icp_fit", flat=True))
    assert min(fits) < 60 <= max(fits)


def test_every_system_has_a_name_of_its_own_for_a_customer():
    account = Account.objects.get(name="Cascadia Trail Outfitters")
    kinds = ExternalId.objects.filter(account=account).values_list("source__kind", flat=True)
    assert set(kinds) == {"product", "crm", "support", "billing"}


def test_the_product_was_set_up_soon_after_the_contract_was_signed_not_when_the_book_begins():
    reached = MilestoneReached.objects.select_related("account__facts", "milestone")
    activated = [one for one in reached if one.milestone.key == "activated"]
    assert len(activated) >= 15
    assert all(one.first_at - one.account.facts.closed_won_at < 30 * DAY for one in activated)


def test_a_visitor_who_signed_up_later_is_known_with_what_they_read_before():
    account = Account.objects.get(name="Kestrel Hill Robotics")
    read = SignalEvent.objects.filter(account=account, type="page").order_by("at").first()
    assert read.at < account.facts.closed_won_at + 10 * DAY
    assert account.facts.competitor_research_at is not None


def test_somebody_read_prices_and_security_in_one_session():
    assert AccountFacts.objects.filter(pricing_and_security_session_at__isnull=False).count() >= 2


def test_some_event_names_are_in_no_plan():
    assert {name.name for name in EventName.objects.filter(is_ignored=False)} >= {"Comment Added", "Search Performed"}


def test_signals_of_ids_that_nobody_linked_wait():
    unknown = QuarantinedItem.objects.filter(reason=QuarantinedItem.Reason.UNKNOWN_ACCOUNT)
    assert unknown.values("group_value").distinct().count() == 7
    assert not ExternalId.objects.filter(value__in=unknown.values("group_value")).exists()


def test_nothing_else_waits_and_nothing_is_left_to_fold():
    reasons = set(QuarantinedItem.objects.values_list("reason", flat=True))
    assert reasons == {QuarantinedItem.Reason.UNKNOWN_ACCOUNT, QuarantinedItem.Reason.NO_ACCOUNT}
    assert not InboxRequest.objects.exists()


def test_a_customer_that_never_began_has_a_user_and_no_activity():
    account = Account.objects.get(name="Copperline Builders")
    assert account.product_users.get().last_seen_at is None
    assert account.facts.active_users_30d is None


def test_a_prospect_that_fits_has_no_contract_and_is_qualified():
    prospect = Account.objects.get(name="Nimbus Paper Works")
    assert not prospect.contracts.exists()
    assert prospect.facts.stage == "qualified"


def test_names_are_as_long_and_as_foreign_as_real_ones():
    names = Account.objects.values_list("name", flat=True)
    assert max(map(len, names)) > 90
    assert any("é" in name for name in names)
    assert any("\u4e00" <= name[0] <= "\u9fff" for name in names)


def test_usage_reaches_back_120_days_and_rests_at_weekends():
    days = list(SignalEvent.objects.filter(type="track").values_list("day", flat=True))
    assert utc_day(now()) - min(days) >= 118 * DAY
    assert max(days) < utc_day(now())
    assert sum(day.weekday() >= 5 for day in days) < len(days) / 8


def test_champions_use_the_product_under_their_own_name_and_address():
    champions = Stakeholder.objects.filter(roles__role="champion", account__product_users__isnull=False).distinct()
    for champion in champions:
        assert ProductUser.objects.get(account=champion.account, email=champion.email).name == champion.name
    assert len(champions) >= 10


def test_what_happened_lies_in_the_past_and_after_the_account_was_made():
    for event in AccountEvent.objects.select_related("account"):
        assert event.account.created_at <= event.at <= now(), event


def test_a_csm_sees_nothing_of_the_other_team():
    east, west = (set(Account.objects.for_user(User.objects.get(username=name))) for name in ("maya", "amelie"))
    assert east
    assert west
    assert not east & west
    books = {team.name: set(Account.objects.for_user(team.manager)) for team in Team.objects.all()}
    assert not books["Americas"] & books["International"]
    assert all(account.time_zone.startswith("America/") for account in books["Americas"])
    assert not any(account.time_zone.startswith("America/") for account in books["International"])
