from django.db import models
from django.db.models import Q

from accounts.facts.catalogue import Pace, Type, Use
from accounts.facts.fields import LenientJSONField
from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.records import OnMerge, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account


class CustomFact(Record):
    """A fact that this installation adds to the catalogue. Written by `facts.services.define`.

    Key and type never change once values are kept under them: conditions were checked against both.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    key = models.CharField(max_length=KEY_LENGTH, unique=True, validators=[validate_key])
    label = models.CharField(max_length=80)
    type = models.CharField(max_length=12, choices=[(name.value, name.value.replace("_", " ")) for name in Type])
    meaning = models.CharField(max_length=250, help_text="What the value says, in one sentence.")
    unit = models.CharField(max_length=40, blank=True)
    use = models.CharField(max_length=40, choices=[(name.value, name.value) for name in Use], default=Use.INTERNAL)

    class Meta:
        ordering = ["label"]

    def __str__(self) -> str:
        return self.label


class AccountFacts(Record):
    """What we know about an account now: one typed column a fact, empty where it is unknown.

    A projection: `facts rebuild` makes all of it again from what the rooms below keep. Written by `facts.projection`;
    `stage` is a register that the lifecycle writes. An empty text would be a value: unknown is NULL.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.UNION}

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="facts")

    # Who they are
    industry = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001
    employees = models.IntegerField(null=True, blank=True)
    region = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001
    use_case = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001
    complexity = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001
    account_state = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001
    account_created_at = models.DateTimeField(null=True, blank=True)
    has_parent = models.BooleanField(null=True, blank=True)
    acquisition_source = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001
    campaign = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001
    fiscal_year_end_month = models.IntegerField(null=True, blank=True)
    budget_month = models.IntegerField(null=True, blank=True)
    csm_assigned = models.BooleanField(null=True, blank=True)
    profile_coverage_share = models.FloatField(null=True, blank=True)
    icp_fit = models.IntegerField(null=True, blank=True)
    icp_fit_band = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001

    # What they bought
    arr_minor = models.BigIntegerField(null=True, blank=True)
    lifetime_value_minor = models.BigIntegerField(null=True, blank=True)
    closed_won_at = models.DateTimeField(null=True, blank=True)
    contract_end_date = models.DateField(null=True, blank=True)
    decision_date = models.DateField(null=True, blank=True)
    auto_renew = models.BooleanField(null=True, blank=True)
    seats_bought = models.IntegerField(null=True, blank=True)
    seats_active_share = models.FloatField(null=True, blank=True)
    usage_vs_target_share = models.FloatField(null=True, blank=True)
    usage_vs_fair_use_share = models.FloatField(null=True, blank=True)
    billing_status = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001
    cancel_notice_at = models.DateTimeField(null=True, blank=True)
    payment_failed_at = models.DateTimeField(null=True, blank=True)
    usage_fact = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001
    usage_target = models.FloatField(null=True, blank=True)
    fair_use_limit = models.FloatField(null=True, blank=True)
    invoice_overdue_since = models.DateField(null=True, blank=True)
    has_paid_contract = models.BooleanField(null=True, blank=True)
    first_contract_on = models.DateField(null=True, blank=True)

    # Goals and value
    goals_recorded = models.BooleanField(null=True, blank=True)
    activated_at = models.DateTimeField(null=True, blank=True)
    first_value_at = models.DateTimeField(null=True, blank=True)
    first_value_status = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001
    kickoff_held_at = models.DateTimeField(null=True, blank=True)

    # Usage
    active_users_7d = models.IntegerField(null=True, blank=True)
    active_users_30d = models.IntegerField(null=True, blank=True)
    active_users_90d = models.IntegerField(null=True, blank=True)
    active_users_change_30d = models.FloatField(null=True, blank=True)
    users_lost_30d_share = models.FloatField(null=True, blank=True)
    weekly_signin_days = models.FloatField(null=True, blank=True)
    usage_change_30d = models.FloatField(null=True, blank=True)
    usage_spike_at = models.DateTimeField(null=True, blank=True)
    last_active_at = models.DateTimeField(null=True, blank=True)
    features_used_30d = models.IntegerField(null=True, blank=True)
    core_features_used_30d = models.IntegerField(null=True, blank=True)
    advanced_features_used_30d = models.IntegerField(null=True, blank=True)
    roles_active_30d = models.IntegerField(null=True, blank=True)
    teams_active_30d = models.IntegerField(null=True, blank=True)
    product_linked = models.BooleanField(null=True, blank=True)

    # Support
    tickets_open = models.IntegerField(null=True, blank=True)
    tickets_open_sev1 = models.IntegerField(null=True, blank=True)
    tickets_open_sev2 = models.IntegerField(null=True, blank=True)
    oldest_open_ticket_at = models.DateTimeField(null=True, blank=True)
    tickets_opened_14d = models.IntegerField(null=True, blank=True)
    tickets_opened_30d = models.IntegerField(null=True, blank=True)
    tickets_opened_change_30d = models.FloatField(null=True, blank=True)
    tickets_reopened_30d = models.IntegerField(null=True, blank=True)
    csat_90d = models.FloatField(null=True, blank=True)

    # People and sentiment
    contacts_engaged_60d = models.IntegerField(null=True, blank=True)
    single_threaded = models.BooleanField(null=True, blank=True)
    champion_status = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001
    sponsor_last_engaged_at = models.DateTimeField(null=True, blank=True)
    last_two_way_touch_at = models.DateTimeField(null=True, blank=True)
    last_touch_at = models.DateTimeField(null=True, blank=True)
    last_business_review_at = models.DateTimeField(null=True, blank=True)
    next_review_on = models.DateField(null=True, blank=True)
    next_step_due_on = models.DateField(null=True, blank=True)
    pulse = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001
    pulse_at = models.DateTimeField(null=True, blank=True)
    nps_latest = models.IntegerField(null=True, blank=True)
    nps_at = models.DateTimeField(null=True, blank=True)
    negative_feedback_at = models.DateTimeField(null=True, blank=True)
    in_conversation_at = models.DateTimeField(null=True, blank=True)
    next_touch_due_at = models.DateTimeField(null=True, blank=True)

    # Interest
    pricing_visited_at = models.DateTimeField(null=True, blank=True)
    security_visited_at = models.DateTimeField(null=True, blank=True)
    integrations_visited_at = models.DateTimeField(null=True, blank=True)
    advanced_visited_at = models.DateTimeField(null=True, blank=True)
    competitor_research_at = models.DateTimeField(null=True, blank=True)
    pricing_and_security_session_at = models.DateTimeField(null=True, blank=True)

    # Lifecycle
    stage = models.CharField(max_length=80, null=True, blank=True)  # noqa: DJ001

    custom = LenientJSONField(default=dict, help_text="Custom fact → value, as `facts.custom` keeps it.")
    provenance = models.JSONField(default=dict, help_text="Part or fact → [source, seen at].")
    day = models.DateField(help_text="The UTC day whose windows the values hold for.")
    projected_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "account facts"
        indexes = [
            # The sweep looks for rows that were projected before their windows moved.
            models.Index(fields=["projected_at"], name="facts_by_projection"),
        ]

    def __str__(self) -> str:
        return str(self.account_id)


class FactChange(Record):
    """Some facts of one account that became other values: the history of its profile. Written by `facts.history`.

    A *settled* row holds what changed at `at`; a *moving* row holds the last values of one UTC day, one row a day;
    a *base* row stands for everything before it that is no longer kept.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.STAY}

    BASE = "base"
    PACES = [*((pace.value, pace.value) for pace in Pace), (BASE, BASE)]

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="fact_changes", db_index=False)
    pace = models.CharField(max_length=7, choices=PACES)
    day = models.DateField()
    at = models.DateTimeField()
    values = models.JSONField(help_text="Fact → value; null where it became unknown.")

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "day"], condition=Q(pace="moving"), name="moving_facts_have_one_row_a_day"
            ),
        ]
        indexes = [
            # What was known of one account at some moment.
            models.Index(fields=["account", "at"], name="fact_changes_of_account"),
            # What grows too old to be kept.
            models.Index(fields=["at"], condition=~Q(pace="base"), name="fact_changes_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.at:%Y-%m-%d}"
