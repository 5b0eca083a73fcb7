"""Handoffs and their checklists on the REST API."""

from retention.handoffs.api.handoffs import HandoffViewSet
from retention.handoffs.api.measures import OnboardingMeasureViewSet
from retention.handoffs.api.templates import HandoffTemplateViewSet

ROUTES = {
    "handoffs": HandoffViewSet,
    "handoff-templates": HandoffTemplateViewSet,
    "onboarding-measures": OnboardingMeasureViewSet,
}
