"""A visitor's trainings, and what a tab shows of one: a pretrained or a live history, and the model as it is now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic, sleep
from typing import Any, TypeVar
from uuid import uuid4
from weakref import WeakKeyDictionary

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from engine.model import DataError
from engine.plots.fits import frame_numbers
from engine.pretrain import Pretrained
from engine.training import Request, Run, Snapshot, shared_runs
from pages.components.serving import address

LEAVING_SECONDS = 0.5  # that a page which is loaded again may take to be known as gone
ANOTHERS = "The address names a training of another page, which goes on there. Press Play to begin one here."
LOST = "The training that the address names is no longer kept. Press Play to begin a new one."
CHANGED = "The training that the address names had other settings. Press Play to begin one with these."
MANY = 8  # runs of one visitor that may be laid out; only one of them holds a worker


@dataclass(frozen=True, eq=False)
class Training:
    """Hold what a tab shows of a training: a pretrained run, or one of the visitor's own."""

    pretrained: Pretrained | None
    run: Run | None

    @property
    def snapshots(self) -> Sequence[Snapshot]:
        """The history so far; a live one ends with the newest picture, whether scheduled or not."""
        if self.pretrained:
            return self.pretrained.snapshots
        return self.run.snapshots if self.run else ()

    @property
    def history_id(self) -> str:
        """A name of this history, which another has not."""
        return self.pretrained.name if self.pretrained else self.run.id if self.run else ""

    @property
    def step(self) -> int:
        """The step that the model is at."""
        return self.snapshots[-1].step if self.snapshots else 0

    @property
    def shown(self) -> tuple[list[Snapshot], list[str]]:
        """The snapshots of the history that a timeline has, and a caption for each; none before the first."""
        return to_show(self.snapshots)

    @property
    def is_going(self) -> bool:
        """Tell whether more may come without a command."""
        return self.run is not None and not self.run.settled

    def model(self) -> Any:
        """Return the model as it is now; raise DataError where nothing has been learnt yet."""
        if self.pretrained:
            return self.pretrained.model
        if self.run is None:
            raise DataError("Nothing has been learnt yet.")
        return self.run.model()


@st.cache_resource(scope="session", on_release=lambda owner: shared_runs().leave(owner))
def owner() -> str:
    """Return the token of this visitor's runs, which end soon after the visit unless the page is loaded again."""
    token = uuid4().hex
    context = get_script_run_ctx()
    if runtime.exists() and context is not None:
        shared_runs().know(token, partial(runtime.get_instance().is_active_session, context.session_id))
    return token


def visitor_run(key: str, request: Request, recipe: Any, at_once: int = 1) -> Run:
    """Return this visitor's run under `key`: the one there is, or a new one that waits for Play.

    A `recipe` that compares unequal to the last one under this key makes a new run. A run that takes a worker stops
    the visitor's oldest others, so that each visitor has no more than `at_once`. The address names a run that has
    begun, so that a page that is loaded again joins it.
    """
    kept: Run | None = st.session_state.get(f"{key}.run")
    if kept is None:
        kept = _joined(key, recipe)
    if kept is None or st.session_state.get(f"{key}.recipe") != recipe:
        if kept is not None:
            kept.close()
        kept = shared_runs().start(owner(), request, at_once=MANY, play=False)
        st.session_state[f"{key}.run"], st.session_state[f"{key}.recipe"] = kept, recipe
        _RECIPES[kept] = recipe
    kept.touch()
    _say_in_address(key, kept)
    if kept.holds_worker:
        others = [other for other in shared_runs().of(owner()) if other is not kept and other.holds_worker]
        for other in others[: max(0, len(others) + 1 - at_once)]:
            other.stop("Another run was started.")
    return kept


_RECIPES: WeakKeyDictionary[Run, Any] = WeakKeyDictionary()


def was_joined(key: str, run: Run) -> bool:
    """Tell whether a run was under way before this page was loaded."""
    return bool(st.session_state.get(f"{key}.joined") == run.id)


def _joined(key: str, recipe: Any) -> Run | None:
    """Return the run that the address names, if its page is gone and the recipe is still the same."""
    named = address.read(f"{key}.run")
    if not named:
        return None
    runs, until = shared_runs(), monotonic() + LEAVING_SECONDS
    found = runs.adopt(owner(), named)
    while found is None and runs.has(named) and monotonic() < until:
        sleep(0.05)  # the page that was loaded again may not yet be known to have gone
        found = runs.adopt(owner(), named)
    if found is None or _RECIPES.get(found) != recipe:
        st.session_state[f"{key}.lost"] = CHANGED if found else ANOTHERS if runs.has(named) else LOST
        return None
    st.session_state[f"{key}.run"], st.session_state[f"{key}.recipe"] = found, recipe
    st.session_state[f"{key}.joined"] = found.id
    return found


def _say_in_address(key: str, run: Run) -> None:
    """Name a run that has begun in the address; say so where the one that was named there is another's, or gone."""
    has_begun = run.latest is not None or run.holds_worker
    address.write(f"{key}.run", run.id if has_begun else None)
    if st.session_state.get(f"{key}.lost"):
        if run.latest is not None:
            del st.session_state[f"{key}.lost"]
        else:
            st.caption(f":material/info: {st.session_state[f'{key}.lost']}")


def can_play(run: Run) -> bool:
    """Tell whether Play begins or goes on; it also begins anew what ended before its first picture."""
    return not run.over or run.latest is None


def play(run: Run) -> None:
    """Let a run go on, or begin anew if it ended before its first picture."""
    if run.over:
        run.reset(play=True)
    else:
        run.play()


def failure(run: Run) -> str:
    """Say why a run has failed and what can be done; "" for one that has not."""
    if run.status != "failed":
        return ""
    way = "Press Play to try again." if can_play(run) else "To begin again from the same seed: :material/restart_alt:"
    return f"{run.reason or 'The training failed.'} {way}"


def waiting_line(run: Run) -> str:
    """Say of a run that has no picture, but was told to play, what it waits for or that it ended; "" of any other."""
    if run.status == "queued" and run.place > 1:
        return f"Waiting for a worker: place {run.place} in the queue."
    if run.status == "queued" and run.place == 1:
        return "Waiting for a worker: this run is next."
    if run.over and run.latest is None:
        word, why = ("Failed", "") if run.status == "failed" else ("Stopped", f" {run.reason}" if run.reason else "")
        return f"{word} before its first picture.{why} Press Play to begin again."
    return "Starting." if run.status == "queued" or (run.status == "running" and run.latest is None) else ""


Shown = TypeVar("Shown", bound=Training)
Of = TypeVar("Of")


def with_model(training: Shown, tab: Callable[[Shown, Any], None]) -> None:
    """Draw a tab with the model as it is now; say what to do where nothing has been learnt yet.

    What a person changes in it runs the tab alone: no tab of a lab stands in a fragment, so none stands in another.
    """

    @st.fragment
    def draw() -> None:
        try:
            model = training.model()
        except DataError as error:
            st.info(f"{error} Train the model, or choose a pretrained run.", icon=":material/info:")
            return
        tab(training, model)

    draw()


def to_show(snapshots: Sequence[Snapshot]) -> tuple[list[Snapshot], list[str]]:
    """Return the snapshots of a history that a timeline has, and a caption for each."""
    shown = on_timeline(snapshots)
    return shown, [f"epoch {one.epoch:.2f}, step {one.step:,}" for one in shown]


def on_timeline(of_each: Sequence[Of]) -> list[Of]:
    """Return those of a history's snapshots, or of what belongs to each of them, that a timeline has."""
    return [of_each[number] for number in frame_numbers(len(of_each))] if of_each else []
