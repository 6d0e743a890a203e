// A canvas between Plotly's axes and its labels, for traces with meta "painted": heat maps, contours, points, outlines.
//
// Plotly needs 30 ms for a heat map under 500 points, which are 500 SVG elements to it; here they take 2. What a person
// downloads is drawn by Plotly from the same traces.

import { PAINTERS } from "./painters.js";

const NEAR = 9; // pixels within which the pointer is on a point

export class PaintLayer {
  canvas = Object.assign(document.createElement("canvas"), { className: "paint" });
  traces = [];

  // Take the traces to paint, by their numbers in the figure.
  show(traces) {
    this.traces = Object.entries(traces).map(([number, trace]) => ({ ...trace, number: Number(number) }));
    this.canvas.traces = this.traces; // for the console, and the tests
  }

  paint(plot) {
    const container = plot.querySelector(".gl-container"); // lies above the grid and below the hover labels
    if (!container) return;
    const { width, height, xaxis, yaxis } = plot._fullLayout;
    const { canvas } = this;
    if (canvas.parentNode !== container) container.append(canvas);
    const ratio = window.devicePixelRatio || 1;
    Object.assign(canvas, { width: width * ratio, height: height * ratio }); // which also clears it
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    if (!this.traces.length || !xaxis) return; // a surface, say
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.beginPath();
    pen.rect(xaxis._offset, yaxis._offset, xaxis._length, yaxis._length);
    pen.clip();
    [this.toAcross, this.toUp] = [pixelsOn(xaxis), pixelsOn(yaxis)];
    for (const trace of this.traces) {
      trace.across = Float32Array.from(trace.x, this.toAcross);
      trace.up = Float32Array.from(trace.y ?? yaxis.range, this.toUp);
      PAINTERS[trace.type === "scatter" ? trace.mode : trace.type](pen, trace);
    }
  }

  // Return which point of trace `number` lies under (x, y), in pixels of the plot, or null.
  pointAt(across, up, number) {
    const trace = this.traces.find((one) => one.number === number);
    let index = -1, least = NEAR * NEAR;
    trace?.across?.forEach((value, i) => {
      const distance = (value - across) ** 2 + (trace.up[i] - up) ** 2;
      if (distance < least) [index, least] = [i, distance];
    });
    return index < 0 ? null : { index, x: trace.x[index], y: trace.y[index] };
  }

  // Return what a painted heat map says about the cell under (x, y), or "".
  textAt(across, up) {
    const field = this.traces.find(({ type, hovertemplate }) => type === "heatmap" && hovertemplate);
    if (!field?.across) return "";
    const [i, j] = [cellAt(field.across, across), cellAt(field.up, up)];
    if (i < 0 || j < 0) return "";
    const values = { x: field.x[i], y: field.y[j], z: field.z[j * field.x.length + i] };
    return field.hovertemplate.replace("<extra></extra>", "").replace("<br>", "\n")
      .replace(/%\{([xyz]):\.(\d+)g\}/g, (_, name, digits) => readable(values[name], Number(digits)));
  }
}

// Plotly keeps an axis's range up to date while a person drags it, but not its own conversion to pixels.
export function pixelsOn(axis) {
  const [from, to] = axis.range.map((end) => axis.r2l(end));
  const scale = axis._length / (to - from);
  const flip = axis._id[0] === "y" ? -1 : 1;
  const start = axis._offset + (flip < 0 ? axis._length : 0);
  return (value) => start + flip * (axis.d2l(value) - from) * scale;
}

// Return the cell, of equal cells centred on `centres`, that holds a pixel, or -1.
function cellAt(centres, pixel) {
  const step = (centres.at(-1) - centres[0]) / (centres.length - 1);
  const cell = Math.round((pixel - centres[0]) / step);
  return cell >= 0 && cell < centres.length ? cell : -1;
}

function readable(value, digits) {
  return Number.isFinite(value) ? String(Number(value.toPrecision(digits))).replaceAll("-", "−") : "—";
}

export function showValue(label, text, across, up, width) {
  label.textContent = text;
  label.hidden = false;
  const isRight = across > width / 2; // beside the pointer, on the side with more room
  label.style.transform = `translate(calc(${across}px + ${isRight ? "-100% - 14px" : "14px"}), calc(${up}px - 50%))`;
}
