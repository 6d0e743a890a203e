// What the code under the pointer decodes to, or the chosen one while the pointer is elsewhere; computed here. At an
// earlier step of a timeline, whose decoder is not kept: the nearest cell of the manifold of that step.

import { Decoder } from "./decoder.js";
import { ProbeFollower } from "../js/probe.js";
import { TimelineFollower } from "../js/timeline_follower.js";
import { following } from "../js/live.js";

const MOST_SHOWN = 4; // numbers of a code

const views = new WeakMap(); // mount point → DecodedView

export default following(({ data, parentElement, setStateValue }) => {
  if (!views.has(parentElement)) views.set(parentElement, new DecodedView(parentElement));
  const view = views.get(parentElement);
  view.setStateValue = setStateValue;
  view.take(data);
  return () => setTimeout(() => {
    if (parentElement.isConnected) return;
    view.follower.end();
    window.removeEventListener("timeline", view.timeline.listener);
    views.delete(parentElement);
  });
});

class DecodedView {
  chosen = { x: 0, y: 0 };
  hovered = null;
  sequence = 0; // number of the last message to Python
  images = new Map(); // name → promise of a manifold's picture

  constructor(parent) {
    this.root = Object.assign(document.createElement("div"), {
      className: "decoded-view", innerHTML: `<canvas role="img"></canvas><output></output>`,
    });
    parent.append(this.root);
    [this.canvas, this.text] = ["canvas", "output"].map((name) => this.root.querySelector(name));
    this.follower = new ProbeFollower((news) => this.heed(news));
    this.timeline = new TimelineFollower(() => this.paint());
  }

  async take({ file, probe, label, side, alt, place, manifolds }) {
    Object.assign(this, { label, manifolds });
    for (const name of this.images.keys()) if (!manifolds?.pictures.includes(name)) this.images.delete(name);
    this.timeline.follow(manifolds?.link ?? null);
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

  // Show the decoder's image, or the manifold's at an earlier step; of several asked for, the last.
  paint() {
    this.order = (this.order ?? 0) + 1;
    const { step } = this.timeline;
    if (step < (this.manifolds?.pictures.length ?? 0) - 1) return this.paintCell(step, this.order);
    if (!this.decoder) return;
    const { x, y } = this.hovered ?? this.chosen;
    const code = this.decoder.codeAt(x, y);
    const pixels = this.decoder.decode(code, this.label ?? 0);
    const [height, width] = this.decoder.shape;
    const image = new ImageData(width, height);
    pixels.forEach((value, i) => image.data.set([255 * value, 255 * value, 255 * value, 255], 4 * i));
    this.fit(width, height).putImageData(image, 0, 0);
    Object.assign(this.canvas, { pixels, code, cell: null, className: "ready" }); // for tests
    this.text.textContent = this.words(x, y, code);
  }

  async paintCell(step, order) {
    const { pictures, captions, latent_size: size } = this.manifolds;
    let image;
    try {
      image = await this.load(pictures[step]);
    } catch {
      this.images.delete(pictures[step]);
      this.text.textContent = "The manifold could not be loaded; reload the page.";
      return;
    }
    if (order !== this.order) return;
    const { row, column, place } = nearestCell(this.manifolds, step, this.hovered ?? this.chosen);
    const side = image.naturalWidth / sideOf(this.manifolds);
    this.fit(side, side).drawImage(image, column * side, row * side, side, side, 0, 0, side, side);
    Object.assign(this.canvas, { cell: { row, column, step }, className: "ready" }); // for tests
    const at = place.map(say).join(", ");
    const where = size > 2 ? `${at} along the axes` : size > 1 ? `z = (${at})` : `z = ${at}`;
    this.text.textContent = `${captions[step]}: nearest cell of the manifold, ${where}`;
  }

  load(name) {
    if (!this.images.has(name)) {
      const image = Object.assign(new Image(), { src: name });
      this.images.set(name, image.decode().then(() => image));
    }
    return this.images.get(name);
  }

  fit(width, height) {
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    return this.canvas.getContext("2d");
  }

  words(x, y, code) {
    if (code.length === 1) return `z = ${say(code[0])}`;
    if (code.length === 2) return `z = (${say(x)}, ${say(y)})`;
    const first = Array.from(code.subarray(0, MOST_SHOWN), say).join(", ");
    return `z = (${first}, …), ${code.length} numbers: ${say(x)} and ${say(y)} along the axes`;
  }
}

// Return the row and column of the cell nearest to a place in the figure, and where it lies there.
function nearestCell({ quantiles, moments, latent_size: size }, step, { x, y }) {
  const [acrossCentre, upCentre, acrossSpread, upSpread] = moments[step];
  const across = nearest(quantiles, (x - acrossCentre) / acrossSpread);
  const reached = acrossCentre + acrossSpread * quantiles[across];
  if (size === 1) {
    const side = Math.sqrt(quantiles.length);
    return { row: Math.floor(across / side), column: across % side, place: [reached] };
  }
  const up = nearest(quantiles, (y - upCentre) / upSpread); // the first row of the picture is the highest
  return { row: quantiles.length - 1 - up, column: across, place: [reached, upCentre + upSpread * quantiles[up]] };
}

function sideOf({ quantiles, latent_size: size }) {
  return size === 1 ? Math.sqrt(quantiles.length) : quantiles.length;
}

function nearest(values, wanted) {
  return values.reduce((best, value, i) => (Math.abs(value - wanted) < Math.abs(values[best] - wanted) ? i : best), 0);
}

function say(value) {
  return value.toFixed(2).replace("-", "−");
}
