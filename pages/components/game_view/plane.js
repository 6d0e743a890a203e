// A square-unit plane on a canvas: where a point lies in pixels, and the axes around it.

const LEFT = 44;
const RIGHT = 10;
const TOP = 8;
const BOTTOM = 38;
const MINUS = "\u2212";

export class GamePlane {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
  }

  // Fill at most `width` × `height` CSS pixels with the domain, one unit as long along both axes.
  fit(width, height, domain) {
    const [[x0, x1], [y0, y1]] = domain;
    const scale = Math.max(0.001, Math.min((width - LEFT - RIGHT) / (x1 - x0), (height - TOP - BOTTOM) / (y1 - y0)));
    Object.assign(this, { x0, x1, y0, y1, scale, wide: scale * (x1 - x0), tall: scale * (y1 - y0) });
    const size = [this.wide + LEFT + RIGHT, this.tall + TOP + BOTTOM];
    const ratio = (this.ratio = Math.max(1, window.devicePixelRatio || 1));
    const pixels = size.map((length) => Math.round(length * ratio));
    if (this.canvas.width !== pixels[0] || this.canvas.height !== pixels[1]) {
      [this.canvas.width, this.canvas.height] = pixels;
      [this.canvas.style.width, this.canvas.style.height] = size.map((length) => `${length}px`);
    }
  }

  x(value) {
    return LEFT + (value - this.x0) * this.scale;
  }

  y(value) {
    return TOP + (this.y1 - value) * this.scale;
  }

  begin(theme) {
    const { context } = this;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.globalAlpha = 1;
    context.fillStyle = theme.background;
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
  }

  // Draw what seldom changes, as named by `key`, once on a canvas of its own.
  stamp(key, draw) {
    const { canvas, context } = this;
    if (this.stamped !== key) {
      this.stamped = key;
      this.still = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
      this.context = this.still.getContext("2d");
      this.context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      draw();
      this.context = context;
    }
    context.save();
    context.resetTransform();
    context.drawImage(this.still, 0, 0);
    context.restore();
  }

  // Draw within the domain only.
  inside(draw) {
    this.context.save();
    this.context.beginPath();
    this.context.rect(LEFT, TOP, this.wide, this.tall);
    this.context.clip();
    draw();
    this.context.restore();
  }

  axes(theme) {
    const { context } = this;
    context.strokeStyle = theme.line;
    context.lineWidth = 1;
    context.strokeRect(LEFT - 0.5, TOP - 0.5, this.wide + 1, this.tall + 1);
    context.fillStyle = theme.text;
    context.font = `11px ${theme.font}`;
    const bottom = TOP + this.tall;
    context.textBaseline = "top";
    context.textAlign = "center";
    for (const [value, text] of ticks(this.x0, this.x1, this.wide / 70)) {
      context.fillRect(Math.round(this.x(value)), bottom, 1, 4);
      context.fillText(text, this.x(value), bottom + 6);
    }
    context.fillText("x\u2081", LEFT + this.wide / 2, bottom + 23);
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const [value, text] of ticks(this.y0, this.y1, this.tall / 55)) {
      context.fillRect(LEFT - 4, Math.round(this.y(value)), 4, 1);
      context.fillText(text, LEFT - 7, this.y(value));
    }
    context.save();
    context.translate(9, TOP + this.tall / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.fillText("x\u2082", 0, 0);
    context.restore();
  }
}

// Round numbers within [low, high], about `count` of them, each with its text.
function ticks(low, high, count) {
  const rough = (high - low) / Math.max(2, Math.min(count, 8));
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((times) => times * power >= rough * 0.999);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
    found.push([k * step, Math.abs(k * step).toFixed(digits)]);
    if (k < 0) found.at(-1)[1] = MINUS + found.at(-1)[1];
  }
  return found;
}
