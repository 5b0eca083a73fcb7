"""Touches, reviews, pulses, next steps and survey answers on the REST API."""

from accounts.touches.api.reviews import ReviewViewSet
from accounts.touches.api.steps import NextStepViewSet, PulseViewSet
from accounts.touches.api.surveys import SurveyResponseViewSet
from accounts.touches.api.touches import TouchViewSet

ROUTES = {
    "touches": TouchViewSet,
    "reviews": ReviewViewSet,
    "pulses": PulseViewSet,
    "next-steps": NextStepViewSet,
    "survey-responses": SurveyResponseViewSet,
}
