// Live figures: each new frame from Python turns the figure on screen into the next one, in place.
//
// A figure is drawn again when its frame, the page's theme or its size has changed, and always from the latest frame:
// while one is being drawn, those that arrive replace each other and only the last is kept.

import { Handles } from "./handles.js";
import { PaintLayer, showValue } from "./layer.js";
import { same } from "../js/same.js";
import { TimelineFollower } from "../js/timeline_follower.js";
import { applyTheme, readTheme, recolour } from "../js/theme.js";
import { arrayIn, FigureFrames } from "./frames.js";
import { asPlotly, save, standalonePage } from "./export.js";
import { following } from "../js/live.js";
import { hideKernel, showKernel } from "./kernel.js";

const TEMPLATE = `
  <div class="plot" role="img"></div>
  <div class="handles"></div>
  <p class="caption" hidden></p>
  <svg class="kernel" aria-hidden="true"><svg><path class="halo"/><path class="line"/></svg></svg>
  <p class="value" aria-hidden="true" hidden></p>
  <p class="note waiting" role="status"></p>
  <div class="tools">
    <button type="button" class="home" aria-label="Reset the view"
      title="Reset the view (drag moves it, Ctrl + wheel or pinch zooms)">
      <svg viewBox="0 0 16 16"><path d="M3 8a5 5 0 1 0 1.6-3.7M3 2.5V5h2.6"/></svg>
    </button>
    <details class="menu">
      <summary aria-label="Download the figure" title="Download the figure">
        <svg viewBox="0 0 16 16"><path d="M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11"/></svg>
      </summary>
      <div class="formats">
        <button type="button" data-format="png">PNG</button>
        <button type="button" data-format="svg">SVG</button>
        <button type="button" data-format="html">HTML</button>
      </div>
    </details>
  </div>`;

const CONFIG = {
  displayModeBar: false, displaylogo: false, showSendToCloud: false, responsive: false,
  doubleClick: false, // `home` answers it, for all linked figures at once
  scrollZoom: true, // reached with Ctrl held or by pinching only: see `leaveWheelToPage`
};

const LAST = 1e6; // number of a trace above all others
const AXIS = /^[xy]axis\d*$/;
const SCENE = /^scene\d*$/;
const VIEW_CHANGE = /^[xy]axis\d*\.(range|autorange)/;

const figures = new WeakMap(); // mount point → LiveFigure
const links = new Map(); // link name → Link

export default following(({ data, parentElement, setStateValue }) => {
  if (!figures.has(parentElement)) figures.set(parentElement, new LiveFigure(parentElement));
  const figure = figures.get(parentElement);
  figure.handles.setStateValue = setStateValue;
  figure.receive(data);
  // When frames come fast Streamlit calls this although the figure stays, so ask the page itself whether it left.
  return () => setTimeout(() => {
    if (parentElement.isConnected) return;
    figures.get(parentElement)?.destroy();
    figures.delete(parentElement);
  });
}, headOfFigure);

// What stands at the head of a message: its options, as JSON.
function headOfFigure(data) {
  const view = new DataView(data.buffer, data.byteOffset);
  return JSON.parse(new TextDecoder().decode(data.subarray(20, 20 + view.getUint32(8, true))));
}

class LiveFigure {
  frame = 0; // number of the latest frame
  base = ""; // what of it Plotly draws, as JSON
  painted = ""; // what of it is painted, as JSON
  drawn = []; // what the picture on screen was drawn from
  home = {}; // axis → the range Python gave it (undefined: fitted to the data); scene → camera
  link = new Link();
  following = 0; // views being taken over from linked figures
  layer = new PaintLayer();
  frames = new FigureFrames();

  constructor(parent) {
    this.root = document.createElement("div");
    this.root.className = "live-figure";
    this.root.innerHTML = TEMPLATE;
    parent.append(this.root);
    const find = (selector) => this.root.querySelector(selector);
    [this.plot, this.overlay, this.value, this.note, this.menu, this.caption] =
      [".plot", ".kernel", ".value", ".note", ".menu", ".caption"].map(find);
    this.handles = new Handles(this.root, this.plot);
    this.timeline = new TimelineFollower(() => this.showStep());
    find(".home").addEventListener("click", () => this.goHome());
    find(".formats").addEventListener("click", (event) => this.download(event.target.dataset.format));
    this.menu.addEventListener("focusout", (event) => {
      if (!this.menu.contains(event.relatedTarget)) this.menu.open = false;
    });
    this.menu.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.menu.open = false;
    });
    this.root.addEventListener("wheel", leaveWheelToPage, { capture: true, passive: true });
    this.resizes = new ResizeObserver(() => this.draw());
    this.resizes.observe(this.root);
  }

  receive(data) {
    const view = new DataView(data.buffer, data.byteOffset);
    const frame = view.getFloat64(0, true);
    if (frame < this.frame) return;
    this.frame = frame;
    let end = 20;
    [this.head, this.base, this.painted] = [8, 12, 16].map((at) => {
      const start = end;
      return new TextDecoder().decode(data.subarray(start, (end += view.getUint32(at, true))));
    });
    this.arrays = new Float32Array(data.slice(end).buffer); // a copy, since four-byte numbers want an even start
    this.options = JSON.parse(this.head);
    this.root.style.height = `${this.options.height}px`;
    this.draw();
  }

  async draw() {
    if (this.busy || !this.base) return;
    this.busy = true;
    try {
      for (let next = this.wanted(); !same(next, this.drawn); next = this.wanted()) {
        this.drawn = next;
        await this.drawOnce();
      }
    } catch (error) {
      this.drawn = [];
      this.say(error.sentence ?? "This figure could not be drawn.");
      if (!error.sentence) console.error(error);
    } finally {
      this.busy = false;
    }
  }

  wanted() {
    const { clientWidth, clientHeight } = this.plot;
    if (!clientWidth) return this.drawn; // in a closed tab: the resize observer calls again
    this.theme = readTheme(this.root);
    const { base, theme, head, painted, arrays } = this;
    return [base, JSON.stringify(theme), clientWidth, clientHeight, head, painted, arrays];
  }

  async drawOnce() {
    const { library, alt, link, shares_view: shares = true } = this.options;
    this.plot.setAttribute("aria-label", alt);
    this.join(shares ? link : null);
    this.Plotly = await loadPlotly(library);
    if (!this.root.isConnected) return;
    this.hideHover();
    const { traces, kernel, frames, caption } = this.parsePainted();
    Object.assign(this, { traces, kernel });
    this.frames.take(frames);
    this.caption.hidden = !frames.length && !caption;
    this.caption.textContent = caption ?? "";
    this.timeline.follow(frames.length || this.options.steps?.length || this.options.asks ? this.options.history : null);
    this.layer.show(await this.tracesNow());
    const { dark, handles = [], sequence = 0, probe = null } = this.options;
    const colourOf = (colour) => (this.theme.isDark ? (dark[colour] ?? colour) : colour);
    this.handles.show(handles, sequence, colourOf, probe);
    const frame = this.drawn.slice(0, 4);
    if (this.frameDrawn && same(frame, this.frameDrawn)) {
      this.paint(); // all that Plotly draws is as it was
    } else {
      const { data, layout } = this.compose();
      const drawing = this.Plotly.react(this.plot, data, layout, CONFIG);
      if (!this.listening) this.listen();
      await drawing;
      this.frameDrawn = frame;
    }
    this.root.dispatchEvent(new Event("drawn"));
    this.note.hidden = true;
    this.frames.fetchAll();
  }

  paint() {
    this.layer.paint(this.plot);
    this.handles.place();
  }

  parsePainted() {
    const isHere = (value) => value?.shape && value.start !== undefined;
    const painted = JSON.parse(this.painted, (_, value) =>
      isHere(value) ? arrayIn(this.arrays, value.start, value) : value);
    if (this.theme.isDark) recolour(painted, this.options.dark);
    return painted;
  }

  // Return the painted traces at a step of the timeline; past the last frame all stays as it is there.
  async tracesAt(step) {
    const traces = { ...this.traces, ...this.markAt(step) };
    const frame = await this.frames.at(step);
    if (!frame) return traces;
    const changed = frame.traces.map((number, i) => [number, { ...traces[number], ...frame.data[i] }]);
    this.caption.textContent = frame.name;
    return { ...traces, ...Object.fromEntries(changed) };
  }

  // Return the upright line where a step of the timeline lies, if it is not at the end.
  markAt(step) {
    const { steps = [], mark_colour: light, dark } = this.options;
    if (!(step < steps.length)) return {};
    const line = { color: this.theme.isDark ? (dark[light] ?? light) : light, width: 1.2 };
    const trace = { type: "scatter", mode: "lines", x: [steps[step], steps[step]], line, opacity: 0.7, showlegend: false };
    return { [LAST]: trace }; // without y: as high as the axis
  }

  // Return those at the step that the timeline is at once they are there.
  async tracesNow() {
    let step, traces;
    do {
      step = this.timeline.step;
      traces = await this.tracesAt(step);
    } while (step !== this.timeline.step);
    return traces;
  }

  async showStep() {
    if (this.options.asks) return this.askForStep();
    if (!this.frameDrawn) return; // not drawn yet: it will be at the right step
    this.hideHover();
    try {
      this.layer.show(await this.tracesNow());
      this.layer.paint(this.plot);
    } catch (error) {
      this.say(error.sentence ?? "This frame could not be loaded.");
    }
  }

  // Ask for the figure at the step that the timeline is at; of several, while one is on its way, for the last.
  async askForStep() {
    if (this.isAsking) return;
    this.isAsking = true;
    let step;
    try {
      do {
        step = this.timeline.step;
        const query = Number.isFinite(step) ? `?step=${step}` : "";
        const answer = await fetch(new URL(this.options.asks + query, document.baseURI));
        if (!answer.ok) throw { sentence: "This step could not be drawn; reload the page." };
        this.receive(new Uint8Array(await answer.arrayBuffer()));
      } while (step !== this.timeline.step);
    } catch (error) {
      this.say(error.sentence ?? "This step could not be loaded.");
    } finally {
      this.isAsking = false;
    }
  }

  // Return the latest figure as Plotly is to draw it: in the page's colours, at its size, in the view a person chose.
  // Parsed anew each time, because Plotly writes into what it draws.
  compose() {
    const { data, layout = {} } = JSON.parse(this.base);
    if (this.theme.isDark) recolour({ data, layout }, this.options.dark);
    applyTheme(layout, this.theme);
    layout.uirevision ??= "keep";
    if (this.revision !== undefined && this.revision !== layout.uirevision) this.link.view = null;
    this.revision = layout.uirevision;
    Object.assign(layout, { width: this.plot.clientWidth, height: this.plot.clientHeight, autosize: false });
    const flat = !Object.keys(layout).some((name) => SCENE.test(name));
    // A finger on a 2-D figure scrolls the page; a mouse moves the view.
    this.plot.classList.toggle("flat", flat);
    if (flat) layout.dragmode = matchMedia("(hover: none)").matches ? false : (layout.dragmode ?? "pan");
    this.home = {};
    for (const [name, part] of Object.entries(layout)) {
      if (SCENE.test(name)) this.home[name] = structuredClone(part.camera);
      if (!AXIS.test(name)) continue;
      this.home[name] = structuredClone(part.range);
      const range = this.link.view?.[name];
      if (range) Object.assign(part, { range: [...range], autorange: false });
    }
    return { data, layout };
  }

  listen() {
    this.listening = true;
    this.plot.on("plotly_relayouting", (change) => this.shareView(change));
    this.plot.on("plotly_relayout", (change) => this.shareView(change));
    // A tap reaches Plotly as two clicks, but where nothing can be dragged there is no view to leave.
    this.plot.on("plotly_doubleclick", () => this.plot.layout.dragmode !== false && this.goHome());
    for (const name of ["plotly_afterplot", "plotly_relayouting"]) {
      this.plot.on(name, () => this.paint());
    }
    // A tap is a click without a move before it.
    for (const name of ["pointermove", "click"]) this.plot.addEventListener(name, (event) => this.hover(event));
    this.plot.addEventListener("click", (event) => this.handles.bring(event));
    this.plot.addEventListener("pointerleave", (event) => {
      this.hideHover();
      this.handles.leave(event);
    });
  }

  // Say what is painted under the pointer, and show the kernel of the data point there.
  hover(event) {
    this.hideHover();
    this.handles.hover(event);
    if (event.buttons || !this.layer.traces.length) return;
    const { left, top } = this.plot.getBoundingClientRect();
    const [across, up] = [event.clientX - left, event.clientY - top];
    const text = this.layer.textAt(across, up);
    if (text) showValue(this.value, text, across, up, this.root.clientWidth);
    const point = this.kernel && this.layer.pointAt(across, up, this.kernel.trace);
    if (!point) return;
    const { dark, kernel_colour: light } = this.options;
    showKernel(this.overlay, this.plot, this.kernel, point, this.theme.isDark ? (dark[light] ?? light) : light);
  }

  hideHover() {
    this.value.hidden = true;
    hideKernel(this.overlay);
  }

  destroy() {
    this.resizes.disconnect();
    this.timeline.follow(null);
    this.frames.stop();
    this.link.leave(this);
    this.Plotly?.purge(this.plot);
  }

  say(sentence) {
    this.note.textContent = sentence;
    this.note.classList.remove("waiting");
    this.note.hidden = false;
  }

  // --- the view, shared with linked figures

  join(name) {
    if (name && !links.has(name)) links.set(name, new Link());
    const link = name ? links.get(name) : this.link;
    if (link !== this.link) this.link.leave(this);
    this.link = link;
    link.members.add(this);
  }

  shareView(change) {
    if (this.following || !Object.keys(change).some((name) => VIEW_CHANGE.test(name))) return;
    this.hideHover();
    const full = this.plot._fullLayout;
    const axes = Object.keys(full).filter((name) => AXIS.test(name));
    this.link.show(Object.fromEntries(axes.map((name) => [name, [...full[name].range]])), this);
  }

  goHome() {
    this.link.show(null);
  }

  async takeView() {
    const change = {};
    for (const name of Object.keys(this.plot._fullLayout ?? {})) {
      if (SCENE.test(name) && !this.link.view) change[`${name}.camera`] = structuredClone(this.home[name]) ?? null;
      if (!AXIS.test(name)) continue;
      const range = this.link.view?.[name] ?? this.home[name];
      if (range) change[`${name}.range`] = [...range];
      else change[`${name}.autorange`] = true;
    }
    if (!Object.keys(change).length) return;
    this.hideHover();
    this.following += 1;
    try {
      await this.Plotly.relayout(this.plot, change);
    } finally {
      this.following -= 1;
    }
  }

  // --- downloads

  async download(format) {
    if (!format || !this.Plotly) return;
    this.menu.open = false;
    const { data, layout } = this.compose();
    const painted = Object.entries(await this.tracesNow()); // as seen, at this step of the timeline
    const { range } = this.plot._fullLayout.yaxis ?? {};
    for (const [index, trace] of painted) data.splice(index, 0, asPlotly({ y: range, ...trace }));
    layout.paper_bgcolor = this.theme.background;
    for (const scene of Object.keys(layout).filter((name) => SCENE.test(name))) {
      layout[scene].camera = this.plot._fullLayout[scene].camera;
    }
    const name = `${this.options.file_name}.${format}`;
    if (format === "html") {
      const page = await standalonePage({ data, layout }, this.options);
      save(URL.createObjectURL(new Blob([page], { type: "text/html" })), name);
    } else {
      const { width, height } = layout;
      save(await this.Plotly.toImage({ data, layout }, { format, width, height, scale: 2 }), name);
    }
  }
}

// Figures of one link show one view: axis → range, or null where each shows the ranges that Python gave it.
class Link {
  members = new Set();
  view = null;

  leave(figure) {
    this.members.delete(figure);
    if (!this.members.size) this.view = null;
  }

  // At most once a display frame, and not for the figure that a person is moving right now.
  show(view, mover = null) {
    this.view = view;
    this.mover = mover;
    this.scheduled ??= requestAnimationFrame(() => {
      this.scheduled = undefined;
      for (const figure of this.members) if (figure !== this.mover) figure.takeView();
    });
  }
}

let loading = null;

function loadPlotly(file) {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    const fail = () => {
      loading = null;
      script.remove();
      reject({ sentence: "The figure library could not be loaded; reload the page to try again." });
    };
    script.src = new URL(file, document.baseURI);
    script.onload = () => (window.Plotly ? resolve(window.Plotly) : fail());
    script.onerror = fail;
    document.head.append(script);
  });
  return loading;
}

// Wheels scroll the page, as everywhere else, unless Ctrl is held; a pinch on a touch pad arrives as a wheel with Ctrl.
function leaveWheelToPage(event) {
  if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
}
