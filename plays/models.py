"""All models of this app, for Django to find. Each lives with its concept."""

from plays.decisions.models import Decision
from plays.definitions.models import Play, PlayVersion, StepDefinition
from plays.runs.models import Run, StepRun
from plays.triggers.models import Candidate, Moment, Round

__all__ = ["Candidate", "Decision", "Moment", "Play", "PlayVersion", "Round", "Run", "StepDefinition", "StepRun"]
