// What the code under the pointer decodes to, or the chosen one while the pointer is elsewhere; computed here.

const MOST_SHOWN = 4; // numbers of a code

const views = new WeakMap(); // mount point → DecodedView

export default function ({ data, parentElement, setStateValue }) {
  if (!views.has(parentElement)) views.set(parentElement, new DecodedView(parentElement));
  const view = views.get(parentElement);
  view.setStateValue = setStateValue;
  view.take(data);
  return () => setTimeout(() => {
    if (parentElement.isConnected) return;
    view.follower.end();
    views.delete(parentElement);
  });
}

class DecodedView {
  chosen = { x: 0, y: 0 };
  hovered = null;
  sequence = 0; // number of the last message to Python

  constructor(parent) {
    this.root = Object.assign(document.createElement("div"), {
      className: "decoded-view", innerHTML: `<canvas role="img"></canvas><output></output>`,
    });
    parent.append(this.root);
    [this.canvas, this.text] = ["canvas", "output"].map((name) => this.root.querySelector(name));
    this.follower = new ProbeFollower((news) => this.heed(news));
  }

  async take({ file, probe, label, side, alt, place }) {
    this.label = label;
    this.root.style.setProperty("--side", `${side}px`);
    this.canvas.setAttribute("aria-label", alt);
    this.chosen = this.follower.follow(probe) ?? { x: place[0], y: place[1] };
    if (file !== this.file) {
      this.file = file;
      try {
        const decoder = await Decoder.load(file);
        if (file !== this.file) return; // another has been asked for since
        this.decoder = decoder;
      } catch (error) {
        this.text.textContent = error.message;
        return;
      }
    }
    this.paint();
  }

  heed({ kind, place, at }) {
    if (kind === "hover") this.hovered = place;
    else [this.chosen, this.hovered] = [place, null];
    this.paint();
    this.canvas.latency = performance.now() - at; // ms since the pointer's event, for tests
    if (kind === "rest") this.setStateValue("rested", { x: place.x, y: place.y, sequence: ++this.sequence });
  }

  paint() {
    if (!this.decoder) return;
    const { x, y } = this.hovered ?? this.chosen;
    const code = this.decoder.codeAt(x, y);
    const pixels = this.decoder.decode(code, this.label ?? 0);
    const [height, width] = this.decoder.shape;
    const image = new ImageData(width, height);
    pixels.forEach((value, i) => image.data.set([255 * value, 255 * value, 255 * value, 255], 4 * i));
    if (this.canvas.width !== width) Object.assign(this.canvas, { width, height });
    this.canvas.getContext("2d").putImageData(image, 0, 0);
    Object.assign(this.canvas, { pixels, code, className: "ready" }); // for tests
    this.text.textContent = this.words(x, y, code);
  }

  words(x, y, code) {
    const say = (value) => value.toFixed(2).replace("-", "−");
    if (code.length === 1) return `z = ${say(code[0])}`;
    if (code.length === 2) return `z = (${say(x)}, ${say(y)})`;
    const first = Array.from(code.subarray(0, MOST_SHOWN), say).join(", ");
    return `z = (${first}, …), ${code.length} numbers: ${say(x)} and ${say(y)} along the axes`;
  }
}
