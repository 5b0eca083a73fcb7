"""A condition in a form: what the field takes, gives back, and says where something is wrong."""

from typing import Any

import pytest
from django import forms
from hypothesis import given, settings

from retention.builder.fields import ConditionField
from retention.builder.places import place_of
from retention.conditions.catalogue import Catalogue
from retention.conditions.language import FactType
from tests.retention.conditions.catalogue import CATALOGUE
from tests.retention.conditions.test_properties import SOURCES

FACTS = Catalogue(
    {
        "seats": FactType.NUMBER,
        "share": FactType.RATIO,
        "plan": FactType.TEXT,
        "seen": FactType.INSTANT,
        "secret": FactType.TEXT,
    },
    withheld=["secret"],
)
GOOD = {
    "all": [
        {"fact": "seats", "operator": "lessThan", "value": 5},
        {"not": {"fact": "plan", "operator": "isKnown"}},
    ]
}


class Form(forms.Form):
    when = ConditionField(facts=FACTS)
    unless = ConditionField(facts=FACTS, required=False, allow_held_for=False)
    where = ConditionField(required=False, fields=["plan"])


def sent(**texts: str) -> Form:
    return Form({"when": '{"fact": "seats", "operator": "isKnown"}', **texts})


def wrong(form: Form, name: str = "when") -> list[str]:
    assert not form.is_valid()
    return form.errors[name]


def test_gives_the_condition_as_it_was_written():
    form = Form({"when": '{"all": [{"fact": "seats", "operator": "lessThan", "value": 5}]}'})
    assert form.is_valid()
    assert form.cleaned_data["when"] == {"all": [{"fact": "seats", "operator": "lessThan", "value": 5}]}
    assert form.cleaned_data["unless"] is None


def test_shows_a_stored_condition_and_sees_no_change_in_it():
    form = Form(initial={"when": GOOD})
    shown = form["when"].value()
    assert Form({"when": form["when"].field.prepare_value(shown)}, initial={"when": GOOD}).changed_data == []


@pytest.mark.parametrize("text", ["", "  ", "null"])
def test_empty_is_none_where_it_may_be_and_refused_where_not(text: str):
    assert sent(unless=text).is_valid()
    assert wrong(sent(when=text)) == ["Put at least one comparison in it."]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '{"any": [{"all": [{"fact": "plan", "operator": "isKnown"}, {"fact": "seats", "operator": "equal",'
            ' "value": "x"}]}]}',
            'Second comparison of the first group: expected a number such as 30, got "x".',
        ),
        ('{"fact": "gone", "operator": "isKnown"}', 'There is no fact "gone"; see the fact catalogue'),
        ('{"all": [{"fact": "secret", "operator": "isKnown"}]}', 'First comparison: "secret" is never used'),
        ('{"all": []}', "Is empty; put at least one comparison in it"),
        ('{"fact": "plan", "operator": "lessThan", "value": "x"}', "“is below” cannot be used on a fact of type text"),
        ("{", "This is not JSON"),
        ("[1]", "Expected an object"),
        ('{"fact": "seats", "fact": "plan"}', "stands twice in one object"),
        ("[" * 5000, "nested far too deeply"),
    ],
)
def test_says_in_words_where_and_what_is_wrong(text: str, said: str):
    assert said in wrong(sent(when=text))[0]


def test_refuses_what_is_too_deep_or_too_large():
    leaf: Any = {"fact": "seats", "operator": "isKnown"}
    deep = leaf
    for _ in range(11):
        deep = {"all": [deep]}
    field = Form().fields["when"]
    for source, said in (
        (deep, "nested more than 10 groups deep"),
        ({"all": [leaf] * 201}, "more than 200 comparisons"),
    ):
        with pytest.raises(forms.ValidationError, match=said):
            field.clean(field.prepare_value(source))


def test_durations_are_refused_where_there_is_no_history():
    held = '{"fact": "seats", "operator": "lessThan", "value": 5, "heldFor": {"days": 3}}'
    assert sent(when=held).is_valid()
    assert "needs history" in wrong(sent(unless=held), "unless")[0]


def test_fields_of_an_event_need_no_catalogue():
    assert sent(where='{"fact": "format", "operator": "equal", "value": "pdf"}').is_valid()
    assert (
        "needs history" in wrong(sent(where='{"fact": "x", "operator": "isKnown", "heldFor": {"days": 1}}'), "where")[0]
    )


def test_what_is_wrong_with_one_form_is_not_shown_in_another():
    broken = sent(when='{"all": []}')
    assert not broken.is_valid()
    assert "put at least one comparison" in str(broken["when"])
    assert "put at least one comparison" not in str(Form()["when"])


def test_a_long_list_of_problems_is_cut():
    leaf = '{"fact": "gone", "operator": "isKnown"}'
    said = wrong(sent(when=f'{{"all": [{", ".join([leaf] * 50)}]}}'))
    assert len(said) == 21
    assert said[-1] == "And 30 more."


def test_twelfth_comparison_is_counted():
    source = {"all": [{"fact": "seats", "operator": "isKnown"}] * 12}
    assert place_of("$.all[11].value", source) == "12th comparison"


@settings(max_examples=80)
@given(SOURCES)
def test_every_condition_comes_back_unchanged(source: Any):
    field = ConditionField(facts=CATALOGUE)
    assert field.clean(field.prepare_value(source)) == source
