"""Plans on the REST API: what the rows look like."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.foundation.clock import now
from retention.success_plans import links, queries
from retention.success_plans.models import PlanObjective, PlanTask, SuccessPlan
from retention.success_plans.outcome_models import PlanLink, PlanWin
from retention.success_plans.template_models import PlanTemplate


def _who(source: str) -> serializers.CharField:
    return serializers.CharField(source=f"{source}.username", read_only=True, allow_null=True, default=None)


def _person(source: str) -> serializers.IntegerField:
    return serializers.IntegerField(
        source=f"{source}_id", read_only=True, allow_null=True, help_text="Number of the stakeholder."
    )


class PlanTemplateSerializer(serializers.ModelSerializer):
    """What plans, paths, task lists and agendas are made from."""

    version = serializers.SerializerMethodField(help_text="Number of the version in force.")
    content = serializers.SerializerMethodField(help_text="Objectives, tasks and points of the agenda.")
    use_cases = serializers.ListField(child=serializers.CharField(), read_only=True)
    titles = serializers.ListField(child=serializers.CharField(), read_only=True)
    stacks = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = PlanTemplate
        fields = [
            *("key", "name", "kind", "meaning", "precedence", "use_cases", "titles", "stacks", "is_fallback", "on_won"),
            *("version", "content"),
        ]
        read_only_fields = fields

    def get_version(self, template: PlanTemplate) -> int | None:
        return next((one.number for one in template.versions.all()), None)

    def get_content(self, template: PlanTemplate) -> dict[str, Any]:
        return next((one.content.as_json() for one in template.versions.all()), {})


class SuccessPlanSerializer(serializers.ModelSerializer):
    """What we and one customer agreed to reach."""

    account = serializers.CharField(source="account.key", read_only=True)
    deal = serializers.IntegerField(source="deal_id", read_only=True, allow_null=True, help_text="Number of the deal.")
    template = serializers.CharField(source="template.template.key", read_only=True)
    path = serializers.CharField(source="path.template.key", read_only=True, allow_null=True, default=None)
    review_due_at = serializers.DateTimeField(
        source="review.due_at", read_only=True, allow_null=True, default=None, help_text="When it is reviewed next."
    )
    percent = serializers.SerializerMethodField(
        help_text="How much of it is reached, 0 to 100; null where nobody can tell."
    )

    class Meta:
        model = SuccessPlan
        fields = [
            *("id", "account", "deal", "name", "template", "path", "state", "review_days", "percent"),
            *("is_draft", "started_at", "reviewed_at", "review_due_at", "ended_at"),
        ]
        read_only_fields = fields

    def get_percent(self, plan: SuccessPlan) -> int | None:
        return queries.overall(queries.progress(plan, queries.facts_beside(plan), on=now().date()))


class PlanObjectiveSerializer(serializers.ModelSerializer):
    """One thing to reach. It is closed with evidence and a next step, or not at all."""

    plan = serializers.IntegerField(source="plan_id", read_only=True, help_text="Number of the plan.")
    account = serializers.CharField(source="plan.account.key", read_only=True)
    our_owner = _who("our_owner")
    their_owner = _person("their_owner")
    closed_by = _who("closed_by")

    class Meta:
        model = PlanObjective
        fields = [
            *("id", "plan", "account", "goal", "measure", "baseline", "target", "value", "unit", "fact"),
            *("alert_percent", "our_owner", "their_owner", "effort", "due_on", "evidence", "evidence_url", "next_step"),
            *("is_shared", "state", "closed_at", "closed_by", "version"),
        ]
        read_only_fields = fields


class PlanTaskSerializer(serializers.ModelSerializer):
    """One piece of work of a plan, ours or the customer's."""

    plan = serializers.IntegerField(source="plan_id", read_only=True, help_text="Number of the plan.")
    account = serializers.CharField(source="plan.account.key", read_only=True)
    objective = serializers.IntegerField(
        source="objective_id", read_only=True, allow_null=True, help_text="Number of the objective it leads to."
    )
    our_owner = _who("our_owner")
    their_owner = _person("their_owner")
    done_by = _who("done_by")
    done_by_customer = _person("done_by_customer")
    work_item = serializers.IntegerField(
        source="work_item_id", read_only=True, allow_null=True, help_text="Number of the work item, where it is ours."
    )

    class Meta:
        model = PlanTask
        fields = [
            *("id", "plan", "account", "objective", "title", "result", "side", "role", "minutes", "our_owner"),
            *("their_owner", "due_on", "repeat_days", "is_shared", "state", "done_at", "done_by", "done_by_customer"),
            *("work_item", "version"),
        ]
        read_only_fields = fields


class PlanWinSerializer(serializers.ModelSerializer):
    """Something that became better, before and after."""

    plan = serializers.IntegerField(source="plan_id", read_only=True, help_text="Number of the plan.")
    account = serializers.CharField(source="plan.account.key", read_only=True)
    objective = serializers.IntegerField(source="objective_id", read_only=True, allow_null=True)
    thanks_to = _person("thanks_to")

    class Meta:
        model = PlanWin
        fields = [
            *("id", "plan", "account", "objective", "title", "before", "after", "told", "thanks_to", "happened_on"),
            *("is_shared", "version"),
        ]
        read_only_fields = fields


class PlanLinkSerializer(serializers.ModelSerializer):
    """One address at which somebody at the customer sees a plan."""

    plan = serializers.IntegerField(source="plan_id", read_only=True, help_text="Number of the plan.")
    account = serializers.CharField(source="plan.account.key", read_only=True)
    stakeholder = serializers.IntegerField(
        source="stakeholder_id", read_only=True, help_text="Number of whom it is for."
    )
    is_open = serializers.SerializerMethodField(help_text="Whether it opens the plan.")
    address = serializers.SerializerMethodField(
        help_text="The whole address, for those who may change plans; null for others, and where it opens nothing."
    )

    class Meta:
        model = PlanLink
        fields = [
            *("id", "plan", "account", "stakeholder", "language", "is_open", "address", "made_at", "ends_at"),
            *("revoked_at", "last_seen_at"),
        ]
        read_only_fields = fields

    def get_is_open(self, link: PlanLink) -> bool:
        return link.opens_at(now())

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_address(self, link: PlanLink) -> str | None:
        request = self.context.get("request")
        if request is None or not may_change(request) or not link.opens_at(now()):
            return None
        return links.address(link)


def may_change(request: Any) -> bool:
    """Whether the caller may make and revoke links, which they then may read."""
    scope = getattr(request.auth, "scope", "write")
    return scope in ("write", "admin") and request.user.may_edit(PlanLink.AREA)
