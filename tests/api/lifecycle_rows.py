"""Rows of the lists about lifecycles, stages and moves."""

from collections.abc import Callable
from typing import Any

from tests.factories import accounts, retention


def a_lifecycle(number: int) -> None:
    published = retention.LifecycleVersionFactory()
    retention.StageFactory.create_batch(2, version=published)


def an_account_stage(number: int) -> None:
    stage = retention.StageFactory()
    retention.AccountStageFactory(lifecycle=stage.version.lifecycle, stage=stage, reached=stage)


def a_stage_change(number: int) -> None:
    stage = retention.StageFactory()
    retention.StageChangeFactory(
        lifecycle=stage.version.lifecycle, to_stage=stage, from_stage=stage, edge=retention.EdgeFactory()
    )


def a_stage_placement(number: int) -> None:
    stage = retention.StageFactory()
    user = accounts.UserFactory()
    retention.StagePlacementFactory(lifecycle=stage.version.lifecycle, stage=stage.key, placed_by=user)


LIFECYCLES: dict[str, Callable[[int], Any]] = {
    "lifecycles": a_lifecycle,
    "account-stages": an_account_stage,
    "stage-changes": a_stage_change,
    "stage-placements": a_stage_placement,
}
