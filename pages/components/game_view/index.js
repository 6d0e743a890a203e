// The adversarial game in the plane: layers that a person chooses, at the step of a timeline, morphing from noise.

import { GameFrames, mix, mixFrames } from "./frames.js";
import { GamePlane } from "./plane.js";
import { TimelineFollower } from "../js/timeline_follower.js";
import { differenceOf, drawArrows, drawField, drawManifold, drawPoints, placeNoise, reachOf } from "./layers.js";
import { readTheme } from "../js/theme.js";
import { traceContour } from "./contour.js";

const PARTS = `
  <div class="bar" role="toolbar" aria-label="Layers">
    <select aria-label="Background" title="What the background shows"></select>
    <span class="chips"></span>
  </div>
  <div class="stage"><canvas role="img"></canvas></div>
  <div class="foot">
    <span class="scale"><span class="low"></span><i></i><span class="high"></span></span>
    <span class="morph">
      <button type="button" class="icon" data-id="morph" aria-label="Play from noise to samples" title="Play from noise to samples">
        <svg viewBox="0 0 16 16"><path class="solid" d="M4.5 2.5 13 8l-8.5 5.5Z"/></svg></button>
      <span>z</span><input type="range" min="0" max="1" step="0.01" value="1" aria-label="From noise to samples"><span>G(z)</span>
    </span>
    <button type="button" class="icon" data-id="save" aria-label="Download the picture" title="Download the picture (PNG)">
      <svg viewBox="0 0 16 16"><path d="M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11"/></svg></button>
  </div>
  <p class="problem" hidden></p>`;

const FIELD_NAMES = { field: "D(x)", optimal: "D*(x), optimal", gap: "D \u2212 D*", none: "no background" };
const CHIPS = {
  real: ["real", "Points of the data"],
  generated: ["generated", "Points that the generator makes"],
  manifold: ["manifold", "Where the generator takes a grid of noise; the more opaque a cell, the denser"],
  arrows: ["gradients", "Where the generator's loss would move each generated point"],
  boundary: ["D = \u00bd", "Where the discriminator (solid) and the optimal one (dashed) can't tell real from generated"],
};
const LONGEST_TWEEN = 250; // ms from one frame to the next
const REDRAW = 28; // ms between two pictures on that way
const ASK_EVERY = 100; // ms from one answer of a feed to the next question
const BUSY = 70; // ms for one of them that are too many
const MORPH_SECONDS = 2.5;

const games = new WeakMap(); // mount point → GameView

export default function ({ data, parentElement, setStateValue }) {
  if (!games.has(parentElement)) games.set(parentElement, new GameView(parentElement));
  const game = games.get(parentElement);
  game.setStateValue = setStateValue;
  game.take(data);
  return () => setTimeout(() => {
    if (parentElement.isConnected) return;
    game.end();
    games.delete(parentElement);
  });
}

class GameView {
  frames = new GameFrames();
  before = null; // the frame that the picture comes from
  after = null; // and the one it goes to
  t = 1; // how far it is on that way
  morph = 1;
  layers = new Set();
  shownAt = 0;

  constructor(parent) {
    this.root = document.createElement("div");
    this.root.className = "game";
    this.root.innerHTML = PARTS;
    parent.append(this.root);
    const find = (selector) => this.root.querySelector(selector);
    this.canvas = find("canvas");
    Object.assign(this.canvas, { count: 0, game: this }); // of frames shown, for tests
    this.plane = new GamePlane(this.canvas);
    this.select = find("select");
    this.slider = find(".morph input");
    this.select.addEventListener("change", () => this.choose());
    this.slider.addEventListener("input", () => this.morphTo(Number(this.slider.value)));
    this.root.addEventListener("click", ({ target }) => this.act(target.closest("button")));
    this.timeline = new TimelineFollower(() => this.show());
    this.onKey = (event) => this.pressSpace(event);
    window.addEventListener("keydown", this.onKey);
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(find(".stage"));
  }

  // What a picture needs of the page, which is dear to ask: the width, the theme and its palette.
  resize() {
    if (!this.root.isConnected) return; // its last size is none, and it has no theme
    this.width = this.root.querySelector(".stage").clientWidth;
    if (!this.options) return;
    this.theme = readTheme(this.root);
    this.colours = this.paint(this.theme);
    this.draw();
  }

  take(options) {
    const first = !this.options;
    const names = options.frames ? options.frames.split(" ") : [];
    const isOlder = options.history && options.history === this.options?.history && names.length < this.names.length;
    this.options = options;
    if (!isOlder) this.names = names; // than what the feed has brought
    this.frames.path = options.path;
    this.canvas.setAttribute("aria-label", options.alt);
    if (first || options.layers.join() !== this.given) this.setLayers(options.layers);
    this.given = options.layers.join();
    this.timeline.follow(options.link);
    this.frames.keep([options.scene, ...this.names], Boolean(options.feed));
    this.frames.load(options.scene).then((scene) => {
      if (scene !== this.scene && options.scene === this.options.scene) this.setScene(scene);
    }, () => this.say());
    this.resize();
    this.show();
    this.listen();
  }

  // While a run goes on, ask for what is new in its history.
  async listen() {
    if (this.isListening) return;
    this.isListening = true;
    for (let feed; (feed = this.options.feed) && !this.isOver; ) {
      const since = Math.max(0, this.names.length - 2); // the last may have been a picture between scheduled ones
      const answer = await fetch(new URL(`${feed}?since=${since}`, document.baseURI)).catch(() => null);
      if (!answer?.ok) break;
      const { names, going } = await answer.json();
      if (feed !== this.options.feed) continue;
      this.names = [...this.names.slice(0, since), ...names];
      await this.show();
      if (!going) break;
      await new Promise((done) => setTimeout(done, ASK_EVERY));
    }
    this.isListening = false;
  }

  setScene(scene) {
    this.scene = scene;
    this.plane.stamped = null; // the data drawn so far
    this.reach = reachOf(scene.noise, scene.grid);
    this.root.querySelector(".morph").hidden = !scene.noise && !scene.grid;
    this.draw();
  }

  // Show the frame of the step that the timeline is at; of several asked for, the last.
  async show() {
    const order = (this.order = (this.order ?? 0) + 1);
    const name = this.names[Math.min(this.timeline.step, this.names.length - 1)];
    if (name === this.canvas.shown && name) return this.draw();
    let frame = {};
    try {
      if (name) frame = await this.frames.load(name);
    } catch {
      return this.say("A frame could not be loaded; reload the page.");
    }
    if (order !== this.order) return;
    this.say("");
    this.turn(frame);
    this.canvas.shown = name;
    this.canvas.frame = frame;
    this.canvas.count++;
  }

  // Go from the picture as it is now to this frame, in the time that passed since the last one came.
  turn(frame) {
    const now = performance.now();
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.before = this.after && mixFrames(this.before, this.after, this.t);
    this.after = frame;
    this.lasts = isStill || now - this.shownAt < 60 ? 0 : Math.min(LONGEST_TWEEN, now - this.shownAt);
    this.shownAt = now;
    this.t = this.before && this.lasts ? 0 : 1;
    this.drawnAt = 0;
    this.refreshChoices();
    if (this.t < 1) this.animate();
    else this.draw();
  }

  animate(before = performance.now()) {
    cancelAnimationFrame(this.clock);
    this.clock = requestAnimationFrame((now) => {
      if (now - before > BUSY) this.lasts = 0; // a browser that can't keep up goes on to the next frame
      this.t = !this.lasts ? 1 : Math.min(1, Math.max(0, (now - this.shownAt) / this.lasts));
      if (this.t === 1 || now - this.drawnAt >= REDRAW) {
        this.drawnAt = now;
        this.draw();
      }
      if (this.t < 1) this.animate(now);
    });
  }

  morphTo(value) {
    this.morph = value;
    this.slider.value = value;
    this.draw();
  }

  playMorph() {
    const start = performance.now();
    const step = (now) => {
      const t = Math.min(1, Math.max(0, (now - start) / (1000 * MORPH_SECONDS)));
      this.morphTo(t * t * (3 - 2 * t));
      if (t < 1) this.morphClock = requestAnimationFrame(step);
    };
    cancelAnimationFrame(this.morphClock);
    step(start);
  }

  act(button) {
    if (button?.dataset.id === "save") return this.save();
    if (button?.dataset.id === "morph") return this.playMorph();
    if (!button?.dataset.layer) return;
    const isOn = button.getAttribute("aria-pressed") === "true";
    button.setAttribute("aria-pressed", String(!isOn));
    this.choose();
  }

  // A person has chosen: draw at once, and let Python keep it in the address.
  choose() {
    const chips = [...this.root.querySelectorAll("[data-layer][aria-pressed=true]")].map((chip) => chip.dataset.layer);
    this.layers = new Set([this.select.value, ...chips]);
    this.nameScale();
    this.draw();
    this.setStateValue("layers", [...this.layers]);
  }

  setLayers(layers) {
    this.layers = new Set(layers);
    const chips = this.root.querySelector(".chips");
    chips.replaceChildren(...Object.entries(CHIPS).map(([layer, [text, title]]) => {
      const chip = Object.assign(document.createElement("button"), { type: "button", className: "chip", title });
      chip.dataset.layer = layer;
      chip.setAttribute("aria-pressed", String(this.layers.has(layer)));
      chip.append(document.createElement("i"), text);
      return chip;
    }));
    this.fieldsOffered = null;
    this.refreshChoices();
  }

  // Offer only what there is to see: a critic has no D*, and a history may keep no gradients.
  refreshChoices() {
    const isKnown = this.options.probability && Boolean(this.after?.optimal);
    const fields = ["field", ...(isKnown ? ["optimal", "gap"] : []), "none"];
    const wanted = fields.find((name) => this.layers.has(name)) ?? "field";
    if (this.fieldsOffered !== fields.join()) {
      this.fieldsOffered = fields.join();
      this.select.replaceChildren(...fields.map((name) => {
        const text = name === "field" && !this.options.probability ? "critic" : FIELD_NAMES[name];
        return Object.assign(document.createElement("option"), { value: name, textContent: text });
      }));
    }
    this.select.value = wanted;
    this.root.querySelector("[data-layer=boundary]").hidden = !this.options.probability;
    this.nameScale();
  }

  draw() {
    if (!this.options || !this.width) return;
    const { plane, options, layers, theme, colours } = this;
    plane.fit(this.width, options.height, options.domain);
    plane.begin(theme);
    const frame = this.after ? mixFrames(this.before, this.after, this.t) : {};
    plane.inside(() => {
      const background = this.background(frame);
      if (background) drawField(plane, background, colours, options.probability);
      const { generated, manifold } = this.morphed(frame);
      if (layers.has("boundary") && options.probability) this.boundaries(frame, theme);
      if (layers.has("manifold") && manifold) drawManifold(plane, manifold, colours.css.model);
      if (layers.has("real") && this.scene) this.drawReal();
      if (layers.has("generated") && generated) drawPoints(plane, generated.values, colours.css.model, 2.8, theme.background);
      if (layers.has("arrows") && frame.arrows && this.morph === 1) drawArrows(plane, frame.arrows, theme.text);
    });
    plane.axes(theme);
  }

  drawReal() {
    const { plane, scene, colours, theme } = this;
    const key = [plane.canvas.width, plane.canvas.height, this.options.domain, theme.isDark].join();
    plane.stamp(key, () => drawPoints(plane, scene.real.values, colours.css.data, 2.3, theme.background));
  }

  background(frame) {
    const name = this.select.value;
    if (name === "gap") return differenceOf(frame.field, frame.optimal);
    return frame[name];
  }

  boundaries(frame, theme) {
    const { context } = this.plane;
    context.strokeStyle = theme.text;
    context.lineWidth = 1.4;
    context.globalAlpha = 0.8;
    if (frame.field) traceContour(this.plane, frame.field, 0.5);
    context.setLineDash([5, 4]);
    if (frame.optimal) traceContour(this.plane, frame.optimal, 0.5, 0.5); // ½ exactly: nothing is known there
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  // What the generator makes, or its noise on the way there.
  morphed(frame) {
    const on = (made, noise) => {
      if (!made || !noise || this.morph >= 1) return made;
      const from = placeNoise(this.plane, noise, this.reach);
      return from.length === made.values.length ? { ...made, values: mix(from, made.values, this.morph) } : made;
    };
    return { generated: on(frame.generated, this.scene?.noise), manifold: on(frame.manifold, this.scene?.grid) };
  }

  nameScale() {
    const isGap = this.select.value === "gap";
    const [low, high] = isGap ? ["D < D*", "D > D*"] : this.options.probability ? ["0 generated", "1 real"] : ["lower", "higher"];
    this.root.querySelector(".low").textContent = low;
    this.root.querySelector(".high").textContent = high;
    this.root.querySelector(".scale").hidden = this.select.value === "none";
  }

  // The palette on this page, light or dark: as CSS and as numbers; swatches take it too.
  paint(theme) {
    const css = Object.fromEntries(
      Object.entries(this.options.colours).map(([name, [light, dark]]) => [name, theme.isDark ? dark : light]),
    );
    for (const [name, colour] of Object.entries(css)) this.root.style.setProperty(`--${name}`, colour);
    return { css, ...Object.fromEntries(["data", "model"].map((name) => [name, rgb(css[name])])), paper: rgb(theme.background) };
  }

  // The space bar plays and pauses, unless the focus is on something that it would press or write into.
  pressSpace(event) {
    const { space } = this.options;
    if (event.key !== " " || !space || !(document.activeElement ?? document.body).matches("body, main, section, .stMain")) return;
    event.preventDefault();
    document.querySelector(space)?.click();
  }

  save() {
    this.canvas.toBlob((file) => {
      const link = document.createElement("a");
      Object.assign(link, { href: URL.createObjectURL(file), download: `${this.options.file}.png` });
      link.click();
      URL.revokeObjectURL(link.href);
    });
  }

  say(text = "The picture could not be loaded; reload the page.") {
    const line = this.root.querySelector(".problem");
    line.hidden = !text;
    line.textContent = text;
  }

  end() {
    this.isOver = true;
    cancelAnimationFrame(this.clock);
    cancelAnimationFrame(this.morphClock);
    this.observer.disconnect();
    this.frames.stop();
    window.removeEventListener("timeline", this.timeline.listener);
    window.removeEventListener("keydown", this.onKey);
  }
}

function rgb(colour) {
  if (colour.startsWith("#")) return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
  return colour.match(/[\d.]+/g).slice(0, 3).map(Number);
}
