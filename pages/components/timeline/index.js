// A timeline: the steps of a history that the page's figures already hold, to be played and scrubbed without the server.

import { following } from "../js/live.js";

const MARKUP = `
  <button type="button" data-id="first" aria-label="To the start" title="To the start">
    <svg viewBox="0 0 16 16"><path d="M4 3v10M13 3 6.5 8 13 13Z"/></svg></button>
  <button type="button" data-id="back" aria-label="One step back" title="One step back">
    <svg viewBox="0 0 16 16"><path d="M10.5 3 5 8l5.5 5"/></svg></button>
  <button type="button" data-id="play" aria-label="Play" title="Play">
    <svg viewBox="0 0 16 16"><path class="go" d="M4.5 2.5 13 8l-8.5 5.5Z"/><path class="halt" d="M5 3v10M11 3v10"/></svg></button>
  <button type="button" data-id="on" aria-label="One step on" title="One step on">
    <svg viewBox="0 0 16 16"><path d="M5.5 3 11 8l-5.5 5"/></svg></button>
  <button type="button" data-id="last" aria-label="To the end" title="To the end">
    <svg viewBox="0 0 16 16"><path d="M12 3v10M3 3l6.5 5L3 13Z"/></svg></button>
  <input type="range" min="0" step="1" aria-label="Step">
  <output></output>`;

const PLAY_SECONDS = 5; // for a whole history, unless it is short
const SLOWEST = 250; // ms a step

const timelines = new WeakMap(); // mount point → Timeline

export default following(({ data, parentElement, setStateValue }) => {
  if (!timelines.has(parentElement)) timelines.set(parentElement, new Timeline(parentElement));
  const timeline = timelines.get(parentElement);
  timeline.setStateValue = setStateValue;
  timeline.take(data);
  return () => setTimeout(() => {
    if (parentElement.isConnected) return;
    timeline.halt();
    timelines.delete(parentElement);
  });
});

class Timeline {
  run = null;

  constructor(parent) {
    this.root = document.createElement("div");
    this.root.className = "timeline";
    this.root.innerHTML = MARKUP;
    parent.append(this.root);
    [this.slider, this.output, this.button] =
      ["input", "output", "[data-id=play]"].map((selector) => this.root.querySelector(selector));
    this.slider.addEventListener("input", () => this.go(Number(this.slider.value)));
    this.slider.addEventListener("change", () => this.report());
    this.root.addEventListener("click", (event) => this.act(event.target.closest("button")?.dataset.id));
  }

  // A new run is shown at its end, or at the step that Python names; the same run stays where a person left it, or
  // follows one that grows if that was the end.
  take({ link, run, last, step, unit, captions }) {
    const wasAtEnd = this.step === this.last && !this.clock;
    Object.assign(this, { link, last, unit, captions });
    this.slider.max = last;
    window.timelines ??= new Map();
    if (this.run === run) return wasAtEnd ? this.go(last) : this.show();
    this.run = run;
    this.halt();
    this.go(step ?? last);
  }

  act(id) {
    if (!id) return;
    if (id === "play") return this.clock ? this.halt() : this.play();
    this.halt();
    this.go({ first: 0, back: this.step - 1, on: this.step + 1, last: this.last }[id]);
    this.report();
  }

  go(step) {
    this.step = Math.max(0, Math.min(step, this.last));
    // At the end, figures of a longer history than this one show theirs.
    const shown = this.step === this.last ? Infinity : this.step;
    window.timelines.set(this.link, shown);
    window.dispatchEvent(new CustomEvent("timeline", { detail: { link: this.link, step: shown } }));
    this.show();
  }

  show() {
    this.slider.value = this.step;
    this.output.textContent = this.captions?.[this.step] ?? `${this.unit} ${this.step} of ${this.last}`;
    this.slider.setAttribute("aria-valuetext", this.output.textContent);
  }

  play() {
    if (this.step >= this.last) this.go(0);
    this.clock = setInterval(() => {
      this.go(this.step + 1);
      if (this.step >= this.last) {
        this.halt();
        this.report();
      }
    }, Math.min(SLOWEST, (PLAY_SECONDS * 1000) / Math.max(this.last, 1)));
    this.label("Pause");
  }

  halt() {
    clearInterval(this.clock);
    this.clock = null;
    this.label("Play");
  }

  label(text) {
    this.root.classList.toggle("playing", text === "Pause");
    Object.assign(this.button, { ariaLabel: text, title: text });
  }

  // Python need not know before a person lets go: then the step stands in the address.
  report() {
    this.setStateValue("step", { run: this.run, step: this.step, last: this.last });
  }
}
