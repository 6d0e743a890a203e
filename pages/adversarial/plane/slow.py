"""Slow motion: the game one phase at a time, with a sentence: who learns, from what, with which figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from time import monotonic

import streamlit as st

from engine.adversarial import GAN
from engine.plots import style
from engine.plots.numbers import written
from engine.training import Run, Snapshot

SECONDS = 2.5  # a phase stays, to be read
STEP_SECONDS = 0.6
PHASES = ("discriminator", "generator")


@dataclass
class SlowMotion:
    """Hold whether a game goes on in slow motion, which `phase` it is in and since when (seconds)."""

    is_on: bool = False
    phase: str | None = None
    since: float = -SECONDS

    def begin(self) -> None:
        """Go on in slow motion, with the discriminator's phase."""
        self.is_on, self.phase, self.since = True, None, -SECONDS

    def end(self) -> None:
        """Leave slow motion; what was said stays no longer."""
        self.is_on = False

    def advance(self, run: Run) -> None:
        """Ask for the next phase if the last one has been shown for long enough."""
        if not self.is_on:
            return
        if run.over:
            self.end()
            return
        now = monotonic()
        if not run.settled:
            self.since = now  # a phase is shown from when it is there
        if now - self.since < SECONDS:
            return
        self.phase, self.since = PHASES[0] if self.phase != PHASES[0] else PHASES[1], now
        run.tune(updates=self.phase)
        one_step(run)


def slow_motion(key: str) -> SlowMotion:
    """Return this visitor's slow motion of the game under `key`."""
    found: SlowMotion = st.session_state.setdefault(f"{key}.slow", SlowMotion())
    return found


def one_step(run: Run) -> None:
    """Take one step, and wait a moment for it rather than ask again later."""
    run.step()
    run.wait(STEP_SECONDS, until=lambda run: run.settled)


def narration(snapshots: Sequence[Snapshot], chosen: GAN.Hyperparameters, run: Run, slow: SlowMotion) -> str:
    """Return the two players as HTML, the one that learns lit up, and what it has just done; or nothing."""
    if not slow.is_on or slow.phase is None or not snapshots:
        return ""
    before = snapshots[-2].metrics if len(snapshots) > 1 else {}
    k = int({**chosen.model_dump(), **run.tuned}["discriminator_steps"])
    say = _discriminator if slow.phase == PHASES[0] else _generator
    return _diagram(slow.phase, say(before, snapshots[-1].metrics, chosen, k))


def _discriminator(before: dict[str, float], now: dict[str, float], chosen: GAN.Hyperparameters, k: int) -> str:
    times = "once" if k == 1 else f"{k} times"
    return (
        f"<b>The discriminator learns</b> {times}, each time from {chosen.batch_size} real points and "
        f"{chosen.batch_size} that G makes now; G stands still. Its loss "
        f"{_change(before, now, 'discriminator_loss')}, its gradient has norm {now['discriminator_gradient']:.3g}. "
        f"On average it gives real points {written(now['real_score'], '.3f')}, generated ones "
        f"{written(now['fake_score'], '.3f')}."
    )


def _generator(before: dict[str, float], now: dict[str, float], chosen: GAN.Hyperparameters, k: int) -> str:
    return (
        f"<b>The generator learns</b> once, from {chosen.batch_size} new draws of noise: the gradient passes back "
        f"through D, which stands still (switch on <i>gradients</i> to see where it pushes each point). Its loss "
        f"{_change(before, now, 'generator_loss')}, its gradient has norm {now['generator_gradient']:.3g}. "
        f"On average D gives its points {written(now['fake_score'], '.3f')}."
    )


def _change(before: dict[str, float], now: dict[str, float], name: str) -> str:
    value = written(now[name], ".3f")
    if name not in before:
        return f"is {value}"
    return f"goes from {written(before[name], '.3f')} to {value}"


def _diagram(phase: str, sentence: str) -> str:
    """Return the game as boxes: noise to G, generated and real points to D."""

    def box(text: str, is_on: bool, colour: str) -> str:
        look = f"background:{colour};color:#fff;border-color:{colour}" if is_on else ""
        return f'<span class="box" style="{look}">{escape(text)}</span>'

    generator = box("G", phase == "generator", "#B27300")
    discriminator = box("D", phase == "discriminator", style.DATA)
    return (
        f"<style>{_CSS}</style>"
        f'<div class="slow"><div class="players" aria-hidden="true">'
        f"z → {generator} → G(z) → {discriminator} ← x</div><p>{sentence}</p></div>"
    )


_CSS = """
.slow { display: flex; align-items: center; gap: 1rem; font-size: 0.85rem; min-height: 5.5rem; }
.slow .players { flex: none; white-space: nowrap; font-size: 1rem; }
.slow .box { display: inline-block; padding: 0.15rem 0.6rem; border: 1.5px solid currentColor; border-radius: 0.5rem;
  font-weight: 600; }
.slow p { margin: 0; font-variant-numeric: tabular-nums; }
@media (max-width: 640px) { .slow { flex-direction: column; align-items: start; gap: 0.4rem; min-height: 11rem; } }
"""
