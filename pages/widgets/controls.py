"""The control form: one widget for each hyperparameter of a model, made from its declaration alone."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import streamlit as st
from pydantic.fields import FieldInfo

from engine.model import HyperparameterError, Hyperparameters, check

BY_HAND = "by hand"


def label_of(name: str) -> str:
    """Return a field's name as people read it."""
    words = name.replace("_", " ")
    return f"Number of {words[2:]}" if words.startswith("n ") else words.capitalize()


def control_form(
    hyperparameters: type[Hyperparameters], *, key: str, by_hand: Mapping[str, float] | None = None, **given: Any
) -> Hyperparameters:
    """Draw a widget for every field and return the hyperparameters they make.

    Every widget is bound to the query parameter `key.field`. `by_hand`, read when a person takes
    over from a rule, gives the number that the field then starts from; `given` sets fields that have no widget here.
    A value out of bounds gets its sentence under its control, and the field's default is used instead.
    """
    values: dict[str, Any] = dict(given)
    places: dict[str, Any] = {}
    for name, field in hyperparameters.model_fields.items():
        if name in values or _hidden(field):
            continue
        place = st.container(gap=None)
        with place:
            values[name] = _control(name, field, f"{key}.{name}", {} if by_hand is None else by_hand)
        places[name] = place
    try:
        return check(hyperparameters, values)
    except HyperparameterError as error:
        for name, sentence in error.fields.items():
            values.pop(name, None)
            place = places.get(name, st)
            place.markdown(f":red[:material/error: {sentence} The default is used instead.]")
        return check(hyperparameters, values)


def _hidden(field: FieldInfo) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, dict) and "control" in extra


def _control(name: str, field: FieldInfo, key: str, by_hand: Mapping[str, float]) -> Any:
    kinds = _kinds(field)
    label, text, default = label_of(name), field.description, field.default
    if bool in kinds:
        return st.toggle(label, value=default, help=text, key=key, bind="query-params")
    number = next((kind for kind in kinds if kind in (int, float)), None)
    choices = [choice for kind in kinds if get_origin(kind) is Literal for choice in get_args(kind)]
    if number is None:
        return st.selectbox(label, choices, choices.index(default), help=text, key=key, bind="query-params")
    if not choices:
        return _number(label, number, default, key, text)
    options = [*choices, BY_HAND]
    start = options.index(default) if default in choices else len(choices)
    value_key = f"{key}.value"
    rule = st.selectbox(
        label, options, start, help=text, key=key, bind="query-params",
        on_change=_take_over, args=(key, value_key, number, by_hand, name),
    )  # fmt: skip
    if rule != BY_HAND:
        return rule
    return _number(f"{label} by hand", number, 1 if default in choices else default, value_key, None)


def _take_over(key: str, value_key: str, kind: type, by_hand: Mapping[str, float], name: str) -> None:
    """Start the number by hand from what the rule chose, as a set value, so that it stands in the link."""
    if st.session_state[key] == BY_HAND and name in by_hand:
        st.session_state[value_key] = kind(float(f"{by_hand[name]:.3g}"))


def _number(label: str, kind: type, default: float, key: str, text: str | None) -> float:
    # No bounds for Streamlit: it would drop a bad value in silence, where the person deserves a sentence.
    if kind is int:
        return st.number_input(label, value=int(default), step=1, key=key, help=text, bind="query-params")
    return st.number_input(
        label, value=float(default), step=0.01, format="%.4g", key=key, help=text, bind="query-params"
    )


def _kinds(field: FieldInfo) -> list[Any]:
    """Flatten a field's annotation to its plain types and Literals."""
    found: list[Any] = []
    queue = [field.annotation]
    while queue:
        kind = queue.pop(0)
        origin = get_origin(kind)
        if origin in (Union, UnionType):
            queue.extend(get_args(kind))
        elif origin is Annotated:
            queue.append(get_args(kind)[0])
        elif kind is not NoneType:
            found.append(kind)
    return found
