// A pad for one digit. Strokes are kept in the browser for undo; Python gets a small grey picture after each.

const PAD = `
  <canvas class="surface" tabindex="0" aria-label="Write a digit here"></canvas>
  <p class="hint">Write a digit</p>
  <div class="tools">
    <button type="button" data-act="undo">Undo</button>
    <button type="button" data-act="clear">Clear</button>
  </div>`;
const PEN = 0.085; // of the pad's side

const pads = new WeakMap(); // mount point → DigitPad

export default function ({ data, parentElement, setStateValue }) {
  if (!pads.has(parentElement)) pads.set(parentElement, new DigitPad(parentElement, data));
  pads.get(parentElement).setStateValue = setStateValue;
}

class DigitPad {
  strokes = []; // of points from 0 to 1

  constructor(parent, { side, height, picture }) {
    this.side = side;
    this.root = Object.assign(document.createElement("div"), { className: "digit-pad", innerHTML: PAD });
    parent.append(this.root);
    this.canvas = this.root.querySelector("canvas");
    Object.assign(this.canvas, { width: 2 * height, height: 2 * height });
    this.canvas.style.width = this.canvas.style.height = `${height}px`;
    this.before = picture ? Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0)) : null; // of another mount
    for (const type of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) {
      this.canvas.addEventListener(type, (event) => this[type](event));
    }
    this.root.addEventListener("click", ({ target }) => this.act(target.dataset.act));
    this.canvas.addEventListener("keydown", (event) => {
      if (event.key === "z" && (event.ctrlKey || event.metaKey)) this.act("undo");
      if (event.key === "Delete" || event.key === "Escape") this.act("clear");
    });
    this.paint();
  }

  act(what) {
    if (!what) return;
    if (what === "undo") this.strokes.length ? this.strokes.pop() : (this.before = null);
    if (what === "clear") [this.strokes, this.before] = [[], null];
    this.paint();
    this.send();
  }

  pointerdown(event) {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.strokes.push([this.placeOf(event)]);
    this.isDown = true;
    this.paint();
  }
  pointermove(event) {
    if (!this.isDown) return;
    const events = event.getCoalescedEvents?.() ?? [];
    this.strokes.at(-1).push(...(events.length ? events : [event]).map((one) => this.placeOf(one)));
    this.paint();
  }
  pointerup() {
    if (!this.isDown) return;
    this.isDown = false;
    this.send();
  }
  pointercancel() {
    this.pointerup();
  }

  placeOf({ clientX, clientY }) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    return [(clientX - left) / width, (clientY - top) / height];
  }

  paint() {
    const isEmpty = !this.strokes.length && !this.before;
    this.root.querySelector(".hint").hidden = !isEmpty;
    for (const button of this.root.querySelectorAll("button")) button.disabled = isEmpty;
    this.paintOn(this.canvas);
  }

  paintOn(canvas) {
    const pen = canvas.getContext("2d");
    const size = canvas.width;
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, size, size);
    if (this.before) pen.drawImage(this.pictureBefore(), 0, 0, size, size);
    Object.assign(pen, { strokeStyle: "#fff", lineWidth: PEN * size, lineCap: "round", lineJoin: "round" });
    for (const stroke of this.strokes) {
      pen.beginPath();
      stroke.forEach(([x, y], i) => (i ? pen.lineTo(x * size, y * size) : pen.moveTo(x * size, y * size)));
      if (stroke.length === 1) pen.lineTo(stroke[0][0] * size, stroke[0][1] * size);
      pen.stroke();
    }
  }

  pictureBefore() {
    const sheet = new OffscreenCanvas(this.side, this.side);
    const image = new ImageData(this.side, this.side);
    this.before.forEach((value, i) => image.data.set([value, value, value, 255], 4 * i));
    sheet.getContext("2d").putImageData(image, 0, 0);
    return sheet;
  }

  send() {
    let picture = "";
    if (this.strokes.length || this.before) {
      const small = new OffscreenCanvas(this.side, this.side);
      this.paintOn(small);
      const { data } = small.getContext("2d").getImageData(0, 0, this.side, this.side);
      for (let i = 0; i < data.length; i += 4) picture += String.fromCharCode(data[i]);
    }
    this.setStateValue("drawing", { picture: btoa(picture) });
  }
}
