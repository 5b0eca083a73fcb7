"""All models of this app, for Django to find. Each lives with its concept."""

from plays.decisions.models import Decision
from plays.definitions.models import Play, PlayVersion, StepDefinition
from plays.runs.models import Run, StepRun

__all__ = ["Decision", "Play", "PlayVersion", "Run", "StepDefinition", "StepRun"]
