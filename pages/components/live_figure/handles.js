// Handles: points of a figure that a person moves, by pointer or with the arrow keys. They are buttons over the plot.
// Python hears where one goes, unless the figure has a probe: then the components that follow it do, in the browser.

import { Sender } from "../js/sender.js";
import { announce } from "../js/probe.js";
import { pixelsOn } from "./layer.js";
import { same } from "../js/same.js";

export class Handles {
  sequence = 0; // number of the last message to Python
  held = null; // name of the handle under the pointer

  constructor(root, plot) {
    this.plot = plot;
    this.sender = new Sender();
    this.sender.send = () => {
      if (this.probe) announce(this.probe, "rest", this.last);
      else this.setStateValue?.("moved", { ...this.last, sequence: ++this.sequence });
    };
    this.box = root.querySelector(".handles");
    for (const type of ["pointerdown", "pointermove", "pointerup", "pointercancel", "keydown", "keyup"]) {
      this.box.addEventListener(type, (event) => this[type](event));
    }
  }

  // Take the handles that Python sends; of an older message than the last one sent, what a person moved stays put.
  show(handles, sequence, colourOf, probe) {
    const isLate = sequence < this.sequence || (probe && probe === this.probe);
    this.probe = probe;
    this.handles = handles.map((handle) => {
      const moved = isLate || this.held === handle.name ? this.handles?.find(({ name }) => name === handle.name) : null;
      return moved ? { ...handle, x: moved.x, y: moved.y } : handle;
    });
    const buttons = this.handles.map((handle) => this.buttonOf(handle, colourOf));
    if (!same(buttons, [...this.box.children])) this.box.replaceChildren(...buttons); // else they keep the focus
    const [first] = this.handles;
    const known = window.probes?.get(probe);
    if (probe && first && !(known?.x === first.x && known.y === first.y)) announce(probe, "chosen", first);
  }

  buttonOf({ name, label, colour, only }, colourOf) {
    let button = this.box.querySelector(`[data-name="${CSS.escape(name)}"]`); // kept, so that it stays under the pointer
    if (!button) {
      button = document.createElement("button");
      Object.assign(button, { type: "button", className: "handle" });
      button.dataset.name = name;
    }
    button.setAttribute("aria-label", `${label}: drag, or use the arrow keys`);
    button.title = label;
    button.dataset.only = only ?? "";
    button.style.setProperty("--handle", colourOf(colour));
    return button;
  }

  // Put every handle where it belongs on the axes as they are now.
  place() {
    const { xaxis, yaxis } = this.plot._fullLayout ?? {};
    if (!xaxis || !this.handles?.length) return;
    const [across, up] = [pixelsOn(xaxis), pixelsOn(yaxis)];
    this.handles.forEach(({ x, y }, i) => {
      const { style } = this.box.children[i];
      [style.left, style.top] = [`${across(x)}px`, `${up(y)}px`];
    });
  }

  move(name, x, y, at) {
    const handle = this.handles.find((one) => one.name === name);
    const { xaxis, yaxis } = this.plot._fullLayout;
    const inside = (value, [low, high]) => Math.min(Math.max(value, Math.min(low, high)), Math.max(low, high));
    if (handle.only !== "y") handle.x = inside(x, xaxis.range);
    if (handle.only !== "x") handle.y = inside(y, yaxis.range);
    this.last = { name, x: handle.x, y: handle.y };
    if (this.probe) announce(this.probe, "chosen", this.last, at);
    this.place();
  }

  // Return the place in the figure under the pointer, or null outside its axes.
  under({ clientX, clientY }) {
    const { left, top } = this.plot.getBoundingClientRect();
    const { xaxis, yaxis } = this.plot._fullLayout;
    const [across, up] = [clientX - left, clientY - top];
    const isInside = (axis, pixel) => pixel >= axis._offset && pixel <= axis._offset + axis._length;
    if (!isInside(xaxis, across) || !isInside(yaxis, up)) return null;
    return { x: valueAt(xaxis, across), y: valueAt(yaxis, up) };
  }

  hover(event) {
    if (this.probe && !event.buttons) announce(this.probe, "hover", this.under(event), event.timeStamp);
  }
  leave(event) {
    if (this.probe && !this.held) announce(this.probe, "hover", null, event.timeStamp);
  }

  // Bring the handle of a probe to where a person clicks or taps.
  bring(event) {
    const place = this.probe && this.handles?.length ? this.under(event) : null;
    if (!place) return;
    this.move(this.handles[0].name, place.x, place.y, event.timeStamp);
    this.sender.now();
  }

  pointerdown(event) {
    const name = event.target.dataset.name;
    if (!name || event.button !== 0) return;
    this.held = name;
    event.target.setPointerCapture(event.pointerId);
  }
  pointermove(event) {
    if (!this.held) return;
    const { left, top } = this.plot.getBoundingClientRect();
    const { xaxis, yaxis } = this.plot._fullLayout;
    const place = [valueAt(xaxis, event.clientX - left), valueAt(yaxis, event.clientY - top)];
    this.move(this.held, ...place, event.timeStamp);
    if (!this.probe) this.sender.soon();
  }
  pointerup() {
    if (!this.held) return;
    this.held = null;
    if (this.last) this.sender.now();
  }
  pointercancel() {
    this.pointerup();
  }
  keydown(event) {
    const [right, up] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [];
    const handle = this.handles.find(({ name }) => name === event.target.dataset.name);
    if (right === undefined || !handle) return;
    event.preventDefault();
    const { xaxis, yaxis } = this.plot._fullLayout;
    const step = (axis) => ((axis.range[1] - axis.range[0]) / 100) * (event.shiftKey ? 5 : 1);
    this.move(handle.name, handle.x + right * step(xaxis), handle.y + up * step(yaxis), event.timeStamp);
    if (!this.probe) this.sender.soon();
  }
  keyup(event) {
    if (this.probe && this.last && event.key.startsWith("Arrow")) this.sender.now();
  }
}

// Return the value at a pixel of a linear axis: the inverse of `pixelsOn`.
function valueAt(axis, pixel) {
  const [from, to] = axis.range;
  const along = axis._id[0] === "y" ? axis._offset + axis._length - pixel : pixel - axis._offset;
  return from + (along / axis._length) * (to - from);
}
