// Handles: points of a figure that a person moves, by pointer or with the arrow keys. They are buttons over the plot.

class Handles {
  sequence = 0; // number of the last message to Python
  held = null; // name of the handle under the pointer

  constructor(root, plot) {
    this.plot = plot;
    this.sender = new Sender();
    this.sender.send = () => this.setStateValue?.("moved", { ...this.last, sequence: ++this.sequence });
    this.box = root.querySelector(".handles");
    for (const type of ["pointerdown", "pointermove", "pointerup", "pointercancel", "keydown"]) {
      this.box.addEventListener(type, (event) => this[type](event));
    }
  }

  // Take the handles that Python sends; of an older message than the last one sent, what a person moved stays put.
  show(handles, sequence, colourOf) {
    const isLate = sequence < this.sequence;
    this.handles = handles.map((handle) => {
      const moved = isLate || this.held === handle.name ? this.handles?.find(({ name }) => name === handle.name) : null;
      return moved ? { ...handle, x: moved.x, y: moved.y } : handle;
    });
    const buttons = this.handles.map((handle) => this.buttonOf(handle, colourOf));
    if (!same(buttons, [...this.box.children])) this.box.replaceChildren(...buttons); // else they keep the focus
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

  move(name, x, y) {
    const handle = this.handles.find((one) => one.name === name);
    const { xaxis, yaxis } = this.plot._fullLayout;
    const inside = (value, [low, high]) => Math.min(Math.max(value, Math.min(low, high)), Math.max(low, high));
    if (handle.only !== "y") handle.x = inside(x, xaxis.range);
    if (handle.only !== "x") handle.y = inside(y, yaxis.range);
    this.last = { name, x: handle.x, y: handle.y };
    this.place();
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
    this.move(this.held, valueAt(xaxis, event.clientX - left), valueAt(yaxis, event.clientY - top));
    this.sender.soon();
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
    this.move(handle.name, handle.x + right * step(xaxis), handle.y + up * step(yaxis));
    this.sender.soon();
  }
}

// Return the value at a pixel of a linear axis: the inverse of `pixelsOn`.
function valueAt(axis, pixel) {
  const [from, to] = axis.range;
  const along = axis._id[0] === "y" ? axis._offset + axis._length - pixel : pixel - axis._offset;
  return from + (along / axis._length) * (to - from);
}
