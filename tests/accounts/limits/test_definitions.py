"""How full a definition is: its newest version counts, and the one that has most names the limit's use."""

import pytest
from django.core.exceptions import ValidationError

from accounts.limits.queries import line
from config.limits import watch
from retention.evaluation.rules import catalogue
from retention.health import checking
from retention.health.drafts import CapDraft
from retention.lifecycle import services
from retention.lifecycle.models import Lifecycle
from retention.lifecycle.services import StageDraft
from retention.segments import drafts
from tests.factories.accounts import AT
from tests.factories.retention.evaluation import CONDITION
from tests.factories.retention.health import HealthCapFactory, HealthMeasureFactory
from tests.factories.retention.lifecycle import StageFactory
from tests.factories.retention.segments import DimensionFactory, DimensionVersionFactory, SegmentFactory
from tests.factories.retention.work import ClosedDayFactory
from tests.retention.health.book import EVERYBODY, define_moods, simple

pytestmark = pytest.mark.django_db


def test_the_newest_version_of_the_fullest_dimension_counts():
    value, size = DimensionFactory(name="Value"), DimensionFactory(name="Size")
    SegmentFactory.create_batch(5, version=DimensionVersionFactory(dimension=value, number=1))
    SegmentFactory.create_batch(2, version=DimensionVersionFactory(dimension=value, number=2))
    SegmentFactory.create_batch(3, version=DimensionVersionFactory(dimension=size, number=1))
    use = line("segments").use
    assert use is not None
    assert (use.used, use.of) == (3, "Size")


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("health_measures", HealthMeasureFactory),
        ("health_caps", HealthCapFactory),
        ("stages", StageFactory),
        ("closed_days", ClosedDayFactory),
    ],
)
def test_use_is_counted(name, make):
    assert line(name).use.used == 0  # type: ignore[union-attr]
    made = make()
    use = line(name).use
    assert use is not None
    assert use.used == 1
    owner = getattr(made, "calendar", None) or getattr(made.version, "model", None) or made.version.lifecycle
    assert use.of == owner.name


def test_administrators_are_warned_before_a_dimension_is_full(starter, monkeypatch):
    most = line("segments").use
    assert most is not None
    monkeypatch.setattr(drafts, "MANY", most.used + 1)
    assert line("segments").is_near
    assert watch.look() >= 1


def test_too_many_stages_are_refused(monkeypatch):
    monkeypatch.setattr(services, "MOST_STAGES", 1)
    stages = [StageDraft(key, key, "", CONDITION, None, False) for key in ("won", "lost")]
    with pytest.raises(ValidationError, match="at most 1"):
        services.publish(key="main", name="Main", is_primary=True, stages=stages, by=None, at=AT)
    assert not Lifecycle.objects.filter(key="main").exists()


@pytest.mark.parametrize(("bound", "path"), [("MOST_MEASURES", ".measures"), ("MOST_CAPS", ".caps")])
def test_too_many_measures_or_caps_are_refused(monkeypatch, bound, path):
    define_moods()
    draft = simple(caps=[CapDraft(name, name.capitalize(), EVERYBODY, 50) for name in ("one", "two")])
    assert not [told for told in checking.wrong_with(draft, catalogue()) if "fit" in told[1]]
    monkeypatch.setattr(checking, bound, 0)
    [(where, what)] = [told for told in checking.wrong_with(draft, catalogue()) if "fit" in told[1]]
    assert (where, "0 fit" in what) == (path, True)
