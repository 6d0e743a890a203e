/* The drawing pad's behaviour: tools, pointer and keys. Python joins four files into one module: _sketch (points,
   history, messages), _view (painting), _toolbar (buttons, markup) and this one. */

import { ACTIONS, BUTTONS, MARKUP } from "./toolbar.js";
import { FIRST, MARKER, Post, SECOND, Sketch } from "./sketch.js";
import { View } from "./view.js";

/** Joins what a person does with toolbar, pointer and keyboard to a sketch, and shows it. */
class Pad {
  constructor(parent) {
    this.root = document.createElement("div");
    this.root.className = "pad";
    this.root.innerHTML = MARKUP;
    parent.append(this.root);
    this.find = (selector) => this.root.querySelector(selector);
    this.stage = this.find(".stage");
    this.surface = this.find(".surface");
    this.view = new View(this.stage);
    this.observer = new ResizeObserver(() => this.show());
    this.observer.observe(this.stage);
    this.calls = 0;
    this.listen();
  }
  listen() {
    const on = (target, type, handle) => target.addEventListener(type, handle.bind(this));
    on(this.surface, "pointerdown", this.press);
    on(this.surface, "pointermove", this.move);
    on(this.surface, "pointerup", this.lift);
    on(this.surface, "pointercancel", this.lift);
    on(this.surface, "pointerleave", () => this.point(null));
    on(this.surface, "blur", () => this.aim(null));
    on(this.surface, "contextmenu", (event) => this.stroke && event.preventDefault());
    on(this.root, "keydown", this.type);
    on(this.find(".toolbar"), "click", (event) => {
      const button = event.target.closest("button");
      if (button) this.act(button.dataset.id);
    });
    on(this.find("[data-panel=options]"), "input", (event) => {
      this.sketch.settings[event.target.name] = Number(event.target.value);
      this.refresh();
    });
  }
  remove() {
    this.observer.disconnect();
    this.post.cancel();
    clearTimeout(this.post.resting);
    this.stroke = null;
    this.root.remove();
  }

  /** Show what Python sent; called on every rerun and change of theme. */
  update(settings, points, senders) {
    const { sketch, placed } = sketchFor(settings, points);
    if (placed) this.stroke = null;
    if (this.sketch !== sketch) [this.sketch, this.post] = [sketch, new Post(sketch)];
    Object.assign(this.post, senders);
    this.settings = settings;
    if (this.calls === 0 && settings.sequence < sketch.sequence) sketch.unsent = true;
    if (sketch.unsent && !this.stroke) this.post.soon();
    this.show();
    return ++this.calls;
  }
  show() {
    if (!this.settings || this.stage.clientWidth < 60) return; // not laid out yet, or in a hidden tab
    this.root.style.maxWidth = this.settings.dimension === 2 ? `${this.settings.height}px` : "";
    this.view.fit(this.settings);
    this.refresh();
  }
  refresh() {
    const { sketch, settings } = this;
    const { markers, classes } = settings;
    const { tool, kind, spread, rate } = sketch.settings;
    if (tool === "start" && !markers) return this.act("brush");
    const hidden = { start: !markers, swap: classes, first: !classes, second: !classes };
    const pressed = { [tool]: true, first: kind === FIRST, second: kind === SECOND };
    const idle = { undo: !sketch.done.length, redo: !sketch.undone.length, clear: !sketch.count };
    for (const { id, tool: isTool, kind: ofKind, panel } of BUTTONS) {
      const button = this.find(`[data-id=${id}]`);
      button.hidden = Boolean(hidden[id]);
      button.ariaDisabled = String(Boolean(idle[id]));
      if (isTool || ofKind !== undefined) button.ariaPressed = String(Boolean(pressed[id]));
      if (panel) button.ariaExpanded = String(!this.find(`[data-panel=${id}]`).hidden);
    }
    this.find("[data-for=start]").hidden = !markers;
    for (const [name, value, unit] of [["spread", spread, " %"], ["rate", rate, ""]]) {
      const input = this.find(`[name=${name}]`);
      input.value = value;
      input.nextElementSibling.value = `${value}${unit}`;
    }
    const [first, second] = this.view.palette?.points ?? [];
    this.root.style.setProperty("--first", first);
    this.root.style.setProperty("--second", second);
    this.root.dataset.kind = kind;
    this.repaint();
  }
  repaint() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      if (!this.view.plot) return;
      this.view.paint(this.sketch, this.settings.markers);
      this.paintCursor();
      this.find(".invitation").hidden = this.sketch.count > 0;
      this.find(".count").textContent = this.counted();
    });
  }
  paintCursor() {
    if (!this.view.plot) return;
    const ring = ["brush", "eraser"].includes(this.sketch.settings.tool);
    const crosshair = this.crosshair && this.view.toPixel(...this.crosshair);
    this.view.paintCursor(this.pointer, ring ? this.radius : 0, crosshair);
    const at = this.pointer ? this.view.toData(...this.pointer) : this.crosshair;
    this.find(".position").textContent = at ? this.view.named(at) : "";
  }
  counted() {
    const counts = [0, 0, 0];
    const { points, full } = this.sketch;
    for (let i = 2; i < points.length; i += 3) counts[points[i]] += 1;
    const [first, second, starts] = counts.map((count) => count.toLocaleString("en"));
    const total = counts[FIRST] + counts[SECOND];
    return [
      this.settings.notice,
      `${total.toLocaleString("en")} ${total === 1 ? "point" : "points"}`,
      counts[SECOND] && `${first} + ${second}`,
      this.settings.markers && counts[MARKER] && `${starts} ${counts[MARKER] === 1 ? "start" : "starts"}`,
      full && "full",
    ].filter(Boolean).join(" · ");
  }

  get radius() { return (this.sketch.settings.spread / 100) * this.view.plot.width; }

  // Pointer: a stroke lasts from press to lift; undo takes back all of it.
  press(event) {
    if (event.button !== 0 || !event.isPrimary || this.stroke) return;
    this.closePanels();
    this.aim(null);
    this.surface.setPointerCapture(event.pointerId);
    const at = this.point(event);
    const now = performance.now();
    this.stroke = { id: event.pointerId, before: this.sketch.points.slice(), at, restsFrom: now, carry: 0, event };
    this.draw(at, at, this.puff);
    requestAnimationFrame(() => this.linger());
  }
  move(event) {
    const { stroke } = this;
    if (stroke?.id === event.pointerId) {
      const steps = event.getCoalescedEvents?.() ?? [];
      for (const step of steps.length ? steps : [event]) {
        const at = this.position(step);
        const travelled = Math.hypot(at[0] - stroke.at[0], at[1] - stroke.at[1]);
        if (["brush", "eraser"].includes(this.sketch.settings.tool)) {
          this.draw(stroke.at, at, (travelled / 100) * this.sketch.settings.rate * pressure(step));
        }
        stroke.at = at;
      }
      Object.assign(stroke, { restsFrom: performance.now() + 80, event });
    }
    this.point(event);
  }
  /** Go on spraying while the pointer rests. */
  linger() {
    const { stroke } = this;
    if (!stroke || this.sketch.settings.tool !== "brush") return;
    const now = performance.now();
    if (now > stroke.restsFrom) {
      const rested = (now - stroke.restsFrom) / 1000;
      this.draw(stroke.at, stroke.at, rested * this.sketch.settings.rate * pressure(stroke.event));
      stroke.restsFrom = now;
    }
    requestAnimationFrame(() => this.linger());
  }
  lift(event) {
    if (this.stroke?.id !== event.pointerId) return;
    this.settle(this.stroke);
    this.stroke = null;
    if (event.pointerType !== "mouse") this.point(null);
  }
  point(event) {
    this.pointer = event && this.position(event);
    this.paintCursor();
    return this.pointer;
  }
  position({ clientX, clientY }) {
    const { left, top } = this.surface.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }

  // Keyboard: a crosshair takes the pointer's place.
  type(event) {
    const typed = event.getModifierState("AltGraph"); // on many keyboards [ and ] need AltGr, which looks like Ctrl+Alt
    if (event.altKey && !typed) return;
    const key = event.key.toLowerCase();
    const command = (event.ctrlKey || event.metaKey) && !typed;
    const action = command ? { z: event.shiftKey ? "redo" : "undo", y: "redo" }[key] : ACTIONS[key];
    const step = { arrowleft: [-1, 0], arrowright: [1, 0], arrowup: [0, 1], arrowdown: [0, -1] }[key];
    const { settings } = this.sketch;
    if (action) this.act(action);
    else if (command) return;
    else if (key === "[" || key === "]") this.spread(settings.spread + (key === "]" ? 1 : -1));
    else if (key === "escape") this.closePanels();
    else if (step && event.target === this.surface) this.steer(step, event.shiftKey ? 0.1 : 0.02);
    else if ((key === "enter" || key === " ") && event.target === this.surface) this.drawAtCrosshair();
    else if (step?.[0] && event.target.closest(".toolbar")) this.walk(event.target, step[0]);
    else return;
    event.preventDefault();
    event.stopPropagation(); // Streamlit has single-letter shortcuts of its own
  }
  aim(crosshair) {
    this.crosshair = crosshair;
    this.paintCursor();
  }
  steer([right, up], fraction) {
    const { domain } = this.settings;
    const middle = domain.map(([low, high]) => (low + high) / 2);
    this.pointer = null;
    this.aim((this.crosshair ?? middle).map((value, axis) => {
      const [low, high] = domain[axis];
      return Math.min(high, Math.max(low, value + [right, up][axis] * fraction * (high - low)));
    }));
  }
  drawAtCrosshair() {
    if (!this.crosshair) this.steer([0, 0], 0);
    const at = this.view.toPixel(...this.crosshair);
    this.stroke = { before: this.sketch.points.slice(), carry: 0 };
    this.draw(at, at, this.puff);
    this.settle(this.stroke);
    this.stroke = null;
  }
  /** Move the focus along the toolbar. */
  walk(button, by) {
    const buttons = [...this.root.querySelectorAll(".toolbar button:not([hidden])")];
    buttons[(buttons.indexOf(button) + by + buttons.length) % buttons.length].focus();
  }

  // What a tool does, between two pixels.
  get puff() { return Math.max(1, this.sketch.settings.rate / 10); }
  draw(from, to, amount) {
    const { sketch, stroke } = this;
    const { tool, kind } = sketch.settings;
    const before = sketch.count;
    if (tool === "eraser") this.rub(from, to);
    else if (tool === "brush") this.spray(from, to, amount);
    else this.drop(to, tool === "start" ? MARKER : kind);
    if (sketch.count === before) return;
    stroke.changed = sketch.unsent = true;
    this.post.soon();
    this.repaint();
  }
  drop(at, kind) {
    if (!this.view.contains(...at)) return;
    const { domain, steps } = this.settings;
    const [x, y] = this.view.toData(...at).map((value, axis) => onLevel(value, domain[axis], steps));
    this.sketch.add(x, this.settings.dimension === 1 ? jitter(this.sketch.count) : y, kind);
  }
  /** Scatter points evenly along the way, and about it by a Gaussian cut off at the ring (two deviations). */
  spray(from, to, amount) {
    this.stroke.carry += amount;
    for (; this.stroke.carry >= 1; this.stroke.carry -= 1) {
      const [along, angle] = [Math.random(), 2 * Math.PI * Math.random()];
      const away = (this.radius / 2) * Math.sqrt(-2 * Math.log(1 - Math.random() * (1 - Math.exp(-2))));
      const [x, y] = [0, 1].map((axis) => from[axis] + along * (to[axis] - from[axis]));
      const height = this.settings.dimension === 1 ? this.view.plot.top + 1 : y + away * Math.sin(angle);
      this.drop([x + away * Math.cos(angle), height], this.sketch.settings.kind);
    }
  }
  rub(from, to) {
    const radius = Math.max(6, this.radius);
    const onLine = ([px, py]) => [px, this.settings.dimension === 1 ? 0 : py];
    const [start, end] = [onLine(from), onLine(to)];
    this.sketch.erase((x, y) => distanceToSegment(onLine(this.view.toPixel(x, y)), start, end) <= radius);
  }
  /** End a stroke: one step of undo, and Python has it at once. */
  settle({ changed, before }) {
    if (!changed) return;
    this.sketch.remember(before);
    this.settled();
  }
  settled() {
    this.post.now();
    this.refresh();
    this.find(".spoken").textContent = this.counted();
  }

  act(id) {
    const { sketch } = this;
    const button = BUTTONS.find((one) => one.id === id);
    if (button.tool) sketch.settings.tool = id;
    else if (button.panel) this.open(id);
    else if (button.kind !== undefined) sketch.settings.kind = button.kind;
    else if (id === "swap") sketch.settings.kind = 1 - sketch.settings.kind;
    else if (!this.stroke && this[id]()) this.settled();
    this.refresh();
  }
  undo() { return this.sketch.undo(); }
  redo() { return this.sketch.redo(); }
  clear() {
    const { sketch } = this;
    if (!sketch.count) return false;
    sketch.remember(sketch.points.slice());
    sketch.replace(new Float64Array(0));
    return true;
  }
  spread(percent) {
    this.sketch.settings.spread = Math.min(25, Math.max(1, percent));
    this.refresh();
  }
  open(id) {
    for (const panel of this.root.querySelectorAll("[data-panel]")) {
      panel.hidden = panel.dataset.panel !== id || !panel.hidden;
    }
  }
  closePanels() {
    this.open(null);
    this.refresh();
  }
}

/** A pen that is pressed harder gives more; mouse and finger have no pressure to speak of. */
function pressure({ pointerType, pressure }) {
  return pointerType === "pen" ? 2 * pressure : 1;
}

/** Round to a level inside the domain that a link has, in the codec's own steps, so that a link keeps drawings as they
    are. */
function onLevel(value, [low, high], steps) {
  const level = Math.round(((value - low) / (high - low)) * steps);
  return low + (high - low) * (Math.min(steps - 1, Math.max(1, level)) / steps);
}

/** Height of the i-th point in 1-D: a sequence that never clumps, the same one that Python places with. */
function jitter(i) {
  return 0.1 + 0.8 * ((((Math.sqrt(5) - 1) / 2) * (i + 1)) % 1);
}

function distanceToSegment([x, y], [x0, y0], [x1, y1]) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const along = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - x0 - along * dx, y - y0 - along * dy);
}

const pads = new WeakMap(); // by the element that Streamlit gives
const sketches = new Map(); // by the session's token: undo outlives a switch of pages

function sketchFor(settings, points) {
  const sketch = sketches.get(settings.token);
  if (!sketch) {
    if (sketches.size >= 8) sketches.delete(sketches.keys().next().value);
    sketches.set(settings.token, new Sketch(points, settings));
  } else if (sketch.revision !== settings.revision) {
    sketch.accept(points, settings);
    return { sketch, placed: true };
  }
  return { sketch: sketches.get(settings.token), placed: false };
}

/** Undo Python's packing: a length, that many bytes of JSON, float64 points. */
function unpack(data) {
  const length = new DataView(data.buffer, data.byteOffset).getUint32(0, true);
  const settings = JSON.parse(new TextDecoder().decode(data.subarray(4, 4 + length)));
  return { settings, points: new Float64Array(data.slice(4 + length).buffer) };
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const { settings, points } = unpack(data);
  if (!pads.has(parentElement)) pads.set(parentElement, new Pad(parentElement));
  const pad = pads.get(parentElement);
  const call = pad.update(settings, points, { setStateValue, setTriggerValue });
  // Streamlit also cleans up after a call that a newer one has overtaken: only the last one takes the pad down.
  return () => setTimeout(() => {
    if (pad.calls !== call) return;
    pad.remove();
    pads.delete(parentElement);
  }, 100);
}
