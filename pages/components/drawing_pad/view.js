/* How the drawing pad looks: axes, points, cursor. */

import { MARKER } from "./sketch.js";

const PALETTES = {
  light: { points: ["#0072B2", "#CC79A7"], marker: "#1a1a1a" },
  dark: { points: ["#56B4E9", "#F2B3D5"], marker: "#ffffff" },
};

/** Round steps of 1, 2 or 5 times a power of ten, about `count` of them, inside [low, high]. */
function niceTicks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const length = Math.floor(high / step + 1e-9) - first + 1;
  return { step, ticks: Array.from({ length }, (_, i) => (first + i) * step) };
}

/** Write a number to the precision of `step`, with a true minus sign. */
function written(value, step) {
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const plain = (digits <= 4 && Math.abs(value) < 1e6) || Math.abs(value) > 1e3 * step; // else every tick reads alike
  const text = plain ? value.toFixed(digits) : value.toPrecision(4).replace(/\.?0+(?=e|$)/, "");
  return (Number(text) === 0 ? text.replace("-", "") : text).replaceAll("-", "−");
}

/** Paints the sketch with axes on one canvas and the cursor on another, so that hovering repaints no point. */
export class View {
  constructor(stage) {
    this.stage = stage;
    [this.surface, this.overlay] = stage.querySelectorAll("canvas");
  }
  /** Read the theme and fit the canvases to the width there is; in 2-D a unit is as long along x as along y. */
  fit({ domain, dimension, height }) {
    const style = getComputedStyle(this.stage);
    const width = this.stage.clientWidth;
    this.text = style.getPropertyValue("--st-text-color").trim() || "#31333f";
    this.ground = style.getPropertyValue("--st-background-color").trim() || "#ffffff";
    this.font = `11px ${style.getPropertyValue("--st-font").trim() || "sans-serif"}`;
    const theme = [this.text, this.ground, this.font];
    const layout = JSON.stringify([domain, dimension, height, width, devicePixelRatio, theme]);
    if (layout === this.layout) return;
    [this.layout, this.look, this.domain, this.dimension] = [layout, null, domain, dimension];

    const context = this.surface.getContext("2d");
    [context.font, context.fillStyle] = [this.font, this.ground];
    const [red, green, blue] = context.fillStyle.match(/[0-9a-f]{2}/gi).map((part) => parseInt(part, 16));
    this.palette = PALETTES[0.299 * red + 0.587 * green + 0.114 * blue < 128 ? "dark" : "light"];

    const ticks = domain.map(([low, high]) => niceTicks(low, high, width < 260 ? 4 : 6));
    const labels = ticks.map(({ ticks, step }) => ticks.map((tick) => written(tick, step)));
    this.axes = ticks.map(({ ticks, step }, axis) => ({ ticks, step, labels: labels[axis] }));
    const left = dimension === 1 ? 10 : 10 + Math.max(...labels[1].map((label) => context.measureText(label).width));
    const [top, right, bottom] = [6, 10, 20];
    const side = width - left - right;
    this.plot = { left, top, width: side, height: dimension === 1 ? Math.min(height, 160) - top - bottom : side };
    this.size = [width, this.plot.height + top + bottom];
    this.stage.style.height = `${this.size[1]}px`;
    for (const canvas of [this.surface, this.overlay]) {
      [canvas.width, canvas.height] = this.size.map((length) => Math.round(length * devicePixelRatio));
    }
  }
  toPixel(x, y) {
    const { left, top, width, height } = this.plot;
    const [[x0, x1], [y0, y1]] = this.domain;
    return [left + ((x - x0) / (x1 - x0)) * width, top + ((y1 - y) / (y1 - y0)) * height];
  }
  toData(px, py) {
    const { left, top, width, height } = this.plot;
    const [[x0, x1], [y0, y1]] = this.domain;
    return [x0 + ((px - left) / width) * (x1 - x0), y1 - ((py - top) / height) * (y1 - y0)];
  }
  /** Name a place in data coordinates, to the precision of a pixel. */
  named(at) {
    const coordinates = at.slice(0, this.dimension).map((value, axis) => {
      const [low, high] = this.domain[axis];
      return `${"xy"[axis]} ${written(value, (high - low) / this.plot.width)}`;
    });
    return coordinates.join("  ");
  }
  contains(px, py) {
    const { left, top, width, height } = this.plot;
    return px >= left && px <= left + width && py >= top && py <= top + height;
  }
  cleared(canvas) {
    const context = canvas.getContext("2d");
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, ...this.size);
    return context;
  }
  /** Paint the sketch; points added to what is painted already are painted over it. */
  paint(sketch, showMarkers) {
    const size = Math.max(3, Math.ceil(Math.log2(sketch.count + 1))); // how large dots are follows powers of two
    const look = [sketch.version, size, showMarkers].join();
    const from = look === this.look ? this.painted : 0;
    [this.look, this.painted] = [look, sketch.count];
    const context = from ? this.surface.getContext("2d") : this.cleared(this.surface);
    if (!from) this.paintAxes(context);
    const { left, top, width, height } = this.plot;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    this.paintPoints(context, sketch.points.subarray(3 * from), 2 ** size);
    if (showMarkers) this.paintMarkers(context, sketch.points);
    context.restore();
  }
  paintAxes(context) {
    const { left, top, width, height } = this.plot;
    const [{ ticks: xs, labels: xLabels }, { ticks: ys, labels: yLabels }] = this.axes;
    [context.font, context.fillStyle, context.strokeStyle, context.lineWidth] = [this.font, this.text, this.text, 1];
    const crisp = (length) => Math.round(length) + 0.5;
    context.globalAlpha = 0.1;
    context.beginPath();
    for (const px of xs.map((x) => crisp(this.toPixel(x, 0)[0]))) {
      context.moveTo(px, top);
      context.lineTo(px, top + height);
    }
    for (const py of this.dimension === 2 ? ys.map((y) => crisp(this.toPixel(0, y)[1])) : []) {
      context.moveTo(left, py);
      context.lineTo(left + width, py);
    }
    context.stroke();
    context.globalAlpha = 0.3;
    context.strokeRect(crisp(left), crisp(top), Math.floor(width) - 1, Math.floor(height) - 1);
    context.globalAlpha = 0.65;
    [context.textAlign, context.textBaseline] = ["center", "top"];
    xs.forEach((x, i) => {
      const half = context.measureText(xLabels[i]).width / 2;
      context.fillText(xLabels[i], Math.max(half, Math.min(this.toPixel(x, 0)[0], this.size[0] - half)), top + height + 6);
    });
    [context.textAlign, context.textBaseline] = ["right", "middle"];
    if (this.dimension === 2) ys.forEach((y, i) => context.fillText(yLabels[i], left - 5, this.toPixel(0, y)[1]));
    context.globalAlpha = 1;
  }
  /** Semi-transparent dots, so that overlaps darken; smaller for larger n. */
  paintPoints(context, points, n) {
    const radius = Math.min(3.8, Math.max(1.1, 4.6 - 0.8 * Math.log10(n)));
    const alpha = n < 300 ? 0.85 : n < 5000 ? 0.7 : 0.45;
    this.palette.points.forEach((colour, kind) => {
      const dot = this.dot(colour, radius, alpha);
      const half = dot.width / devicePixelRatio / 2;
      [context.fillStyle, context.globalAlpha] = [colour, n > 8192 ? alpha : 1];
      for (let i = 0; i < points.length; i += 3) {
        if (points[i + 2] !== kind) continue;
        const [px, py] = this.toPixel(points[i], points[i + 1]);
        // Squares of two pixels look the same and take a seventh of the time: 24 ms for 50,000 without a GPU.
        if (n > 8192) context.fillRect(px - radius, py - radius, 2 * radius, 2 * radius);
        else context.drawImage(dot, px - half, py - half, 2 * half, 2 * half);
      }
    });
    context.globalAlpha = 1;
  }
  dot(colour, radius, alpha) {
    const dot = document.createElement("canvas");
    dot.width = dot.height = Math.ceil((2 * radius + 2) * devicePixelRatio);
    const context = dot.getContext("2d");
    [context.fillStyle, context.globalAlpha] = [colour, alpha];
    context.beginPath();
    context.arc(dot.width / 2, dot.width / 2, radius * devicePixelRatio, 0, 2 * Math.PI);
    context.fill();
    return dot;
  }
  paintMarkers(context, points) {
    const cross = new Path2D("M-3-10h6v7h7v6h-7v7h-6v-7h-7v-6h7Z");
    [context.fillStyle, context.strokeStyle, context.lineWidth] = [this.palette.marker, this.ground, 3];
    for (let i = 0; i < points.length; i += 3) {
      if (points[i + 2] !== MARKER) continue;
      const [px, py] = this.toPixel(points[i], this.dimension === 1 ? 0.5 : points[i + 1]);
      context.save();
      context.translate(px, py);
      context.stroke(cross);
      context.fill(cross);
      context.restore();
    }
  }
  /** Ring (in 1-D a band) of the brush or eraser around the pointer, and the keyboard's crosshair. */
  paintCursor(pointer, radius, crosshair) {
    const context = this.cleared(this.overlay);
    const { left, top, width, height } = this.plot;
    [context.strokeStyle, context.lineWidth] = [this.text, 1];
    const at = pointer ?? crosshair;
    context.beginPath();
    if (at && radius && this.dimension === 1) context.rect(at[0] - radius, top, 2 * radius, height);
    else if (at && radius) context.arc(...at, radius, 0, 2 * Math.PI);
    context.globalAlpha = 0.55;
    context.stroke();
    if (!crosshair) return;
    context.globalAlpha = 0.8;
    context.setLineDash([4, 3]);
    context.beginPath();
    context.moveTo(crosshair[0], top);
    context.lineTo(crosshair[0], top + height);
    context.moveTo(left, crosshair[1]);
    context.lineTo(left + width, crosshair[1]);
    context.stroke();
    context.setLineDash([]);
  }
}
