"""The control form: one widget for each hyperparameter of a model, made from its declaration alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import streamlit as st
from pydantic.fields import FieldInfo

from engine.model import HyperparameterError, Hyperparameters, check
from pages.components.number import Bounds, is_number, number

BY_HAND = "by hand"
BOUND: dict[str, Any] = {"bind": "query-params", "persist_state": "session"}  # of every control


def label_of(name: str) -> str:
    """Return a field's name as people read it."""
    words = name.replace("_", " ")
    return f"Number of {words[2:]}" if words.startswith("n ") else words.capitalize()


def control_form(
    hyperparameters: type[Hyperparameters],
    *,
    key: str,
    by_hand: Mapping[str, float] | None = None,
    places: Callable[[str], Any] = lambda name: st,
    live: bool = False,
    **given: Any,
) -> Hyperparameters:
    """Draw a widget for every field and return the hyperparameters they make.

    Every widget is bound to the query parameter `key.field` and remembered for the session. `by_hand`, read when a
    person takes over from a rule, gives the number that the field then starts from; `given` sets fields that have no
    widget here. `places` says, field by field, in which container its widget stands, None for one that has its
    default because what has been chosen above leaves it without effect. With `live`, numbers count while they are
    dragged, else when they are let go. A value out of bounds gets its sentence under
    its control, and the field's default is used instead.
    """
    memory = _recall(hyperparameters, key)
    values: dict[str, Any] = dict(given)
    drawn: dict[str, Any] = {}
    for name, field in hyperparameters.model_fields.items():
        if name in values or _hidden(field):
            continue
        around = places(name)
        if around is None:
            continue
        place = around.container(gap="xsmall")
        with place:
            values[name] = _control(name, field, f"{key}.{name}", {} if by_hand is None else by_hand, live)
        drawn[name] = place
        memory.update((name, st.session_state[name]) for name in _keys(name, key) if name in st.session_state)
    try:
        return check(hyperparameters, values)
    except HyperparameterError as error:
        for name, sentence in error.fields.items():
            values.pop(name, None)
            place = drawn.get(name, st)
            default = hyperparameters.model_fields[name].default if name in drawn else None
            known = f", {default}," if default not in (None, "") else ""
            place.markdown(complaint(sentence, f"The default{known} is used instead."))
        return check(hyperparameters, values)


def complaint(sentence: str, consequence: str) -> str:
    """Return Markdown that says under a control what is wrong with its value, and what holds instead."""
    return f":red[:material/error: {sentence.replace(' -', ' −')} {consequence}]"


def _recall(hyperparameters: type[Hyperparameters], key: str) -> dict[str, Any]:
    """Give a model its own controls' values where another had others under the same names; return its memory.

    They are what they were when it was last shown, and its defaults the first time.
    """
    of = hyperparameters.__qualname__
    memories: dict[str, dict[str, Any]] = st.session_state.setdefault(f"{key}.memories", {})
    before = next(reversed(memories), of)  # the model shown last
    if before != of:
        for name in filter(is_number, memories[before]):  # one that is not remembered had its default
            st.session_state.pop(name, None)
        for name, field in hyperparameters.model_fields.items():
            if f"{key}.{name}" in memories[before] and (start := _start(field)) is not None:
                st.session_state[f"{key}.{name}"] = start
        for name, value in memories.get(of, {}).items():
            st.session_state[name] = value
    memory = memories.pop(of, {})
    memories[of] = memory
    return memory


def _keys(name: str, key: str) -> tuple[str, str]:
    """Return the keys of a field's control and of its number by hand."""
    return f"{key}.{name}", f"{key}.{name}.value"


def _start(field: FieldInfo) -> Any:
    """Return what a field's widget shows at first, None for a number, which knows by itself."""
    choices = _choices(field)
    if not choices:
        return None if _number_kind(field) else field.default
    return field.default if field.default in choices else BY_HAND


def _hidden(field: FieldInfo) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, dict) and "control" in extra


def _control(name: str, field: FieldInfo, key: str, by_hand: Mapping[str, float], live: bool) -> Any:
    label, text, default = label_of(name), field.description, field.default
    if bool in _kinds(field):
        return st.toggle(label, value=default, help=text, key=key, **BOUND)
    kind, choices = _number_kind(field), _choices(field)
    if kind is None and not choices:
        return st.text_input(label, default, help=text, key=key, **BOUND)
    if kind is None:
        return st.selectbox(label, choices, choices.index(default), help=text, key=key, **BOUND)
    bounds = bounds_of(field)
    if not choices:
        return number(label, key, default=default, kind=kind, bounds=bounds, text=text, live=live)
    options = [*choices, BY_HAND]
    start = options.index(default) if default in choices else len(choices)
    value_key = f"{key}.value"
    rule = st.selectbox(
        label, options, start, help=text, key=key, **BOUND,
        on_change=_take_over, args=(key, value_key, kind, by_hand, name),
    )  # fmt: skip
    if rule != BY_HAND:
        return rule
    own = 1 if default in choices else default
    return number(f"{label} by hand", value_key, default=own, kind=kind, bounds=bounds, live=live)


def _take_over(key: str, value_key: str, kind: type, by_hand: Mapping[str, float], name: str) -> None:
    """Start the number by hand from what the rule chose, as a set value, so that it stands in the link."""
    if st.session_state[key] == BY_HAND and name in by_hand:
        st.session_state[value_key] = kind(float(f"{by_hand[name]:.3g}"))


def bounds_of(field: FieldInfo) -> Bounds:
    """Return the smallest and the largest number that a field may be, infinite where it may be any."""
    notes = list(field.metadata)
    for kind in get_args(field.annotation):
        for note in get_args(kind)[1:] if get_origin(kind) is Annotated else ():
            notes += note.metadata if isinstance(note, FieldInfo) else [note]
    low = [note.ge for note in notes if hasattr(note, "ge")]
    low += [math.nextafter(note.gt, math.inf) for note in notes if hasattr(note, "gt")]
    high = [note.le for note in notes if hasattr(note, "le")]
    high += [math.nextafter(note.lt, -math.inf) for note in notes if hasattr(note, "lt")]
    return max(low, default=-math.inf), min(high, default=math.inf)


def _number_kind(field: FieldInfo) -> type | None:
    """Return int or float where a field may be a number, else None."""
    return next((kind for kind in _kinds(field) if kind in (int, float)), None)


def _choices(field: FieldInfo) -> list[Any]:
    """Return the names that a field may have in place of a number, or all that it may be."""
    return [choice for kind in _kinds(field) if get_origin(kind) is Literal for choice in get_args(kind)]


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
