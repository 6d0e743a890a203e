// How each kind of painted trace is painted; `across` and `up` are its coordinates in pixels.

export const PAINTERS = { heatmap: paintField, contour: paintContours, markers: paintMarkers, lines: paintLine };

function paintField(pen, { across, up, z, zmin, zmax, colorscale }) {
  const [columns, rows] = [across.length, up.length];
  const image = new ImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  const colours = coloursOf(colorscale);
  let [low, high] = [zmin ?? Infinity, zmax ?? -Infinity];
  for (const value of z) {
    if (zmin === undefined && value < low) low = value;
    if (zmax === undefined && value > high && value < Infinity) high = value;
  }
  const scale = 255 / (high - low || 1);
  for (let j = 0; j < rows; j++) {
    const from = j * columns, to = (rows - 1 - j) * columns; // the first row of z is the lowest
    for (let i = 0; i < columns; i++) {
      const value = z[from + i];
      pixels[to + i] = Number.isNaN(value) ? 0 : colours[Math.max(0, Math.min(255, ((value - low) * scale) | 0))];
    }
  }
  const sheet = new OffscreenCanvas(columns, rows);
  sheet.getContext("2d").putImageData(image, 0, 0);
  const [width, height] = [(across.at(-1) - across[0]) / (columns - 1), (up[0] - up.at(-1)) / (rows - 1)]; // a cell's
  pen.imageSmoothingEnabled = false;
  pen.globalAlpha = 1;
  pen.drawImage(sheet, across[0] - width / 2, up.at(-1) - height / 2, width * columns, height * rows);
}

// Return 256 colours between those of a Plotly colour scale (#RRGGBB or #RRGGBBAA), as little-endian RGBA.
function coloursOf(scale) {
  const stops = scale.map(([at, hex]) => [at * 255, ...[1, 3, 5, 7].map((i) => parseInt(hex.slice(i, i + 2) || "FF", 16))]);
  const colours = new Uint32Array(256);
  for (let i = 0, k = 1; i < 256; i++) {
    while (stops[k][0] < i) k++;
    const [a, b] = [stops[k - 1], stops[k]];
    const t = (i - a[0]) / (b[0] - a[0] || 1);
    const [red, green, blue, alpha] = [1, 2, 3, 4].map((part) => Math.round(a[part] + t * (b[part] - a[part])));
    colours[i] = (alpha << 24) | (blue << 16) | (green << 8) | red;
  }
  return colours;
}

// Marching squares: in each cell, join the points where the level crosses the sides.
function paintContours(pen, { across, up, z, contours, colorscale, line }) {
  const columns = across.length;
  pen.globalAlpha = 1;
  pen.lineWidth = line.width;
  pen.strokeStyle = colorscale[0][1];
  pen.beginPath();
  for (let level = contours.start; level <= contours.end + 1e-9; level += contours.size) {
    for (let j = 0; j + 1 < up.length; j++) {
      for (let i = 0; i + 1 < columns; i++) {
        const at = j * columns + i;
        const corners = [z[at], z[at + 1], z[at + columns + 1], z[at + columns]];
        const above = corners.map((value) => value >= level);
        if (above.every((one) => one === above[0]) || corners.some(Number.isNaN)) continue;
        const xs = [across[i], across[i + 1], across[i + 1], across[i]];
        const ys = [up[j], up[j], up[j + 1], up[j + 1]];
        let pair = 0;
        for (let side = 0; side < 4; side++) {
          const next = (side + 1) % 4;
          if (above[side] === above[next]) continue;
          const t = (level - corners[side]) / (corners[next] - corners[side]);
          const [x, y] = [xs[side] + t * (xs[next] - xs[side]), ys[side] + t * (ys[next] - ys[side])];
          pair++ % 2 ? pen.lineTo(x, y) : pen.moveTo(x, y);
        }
      }
    }
  }
  pen.stroke();
}

function paintMarkers(pen, { across, up, marker }) {
  const { color, size, symbol = "circle", opacity = 1, line = {} } = marker;
  pen.globalAlpha = opacity;
  pen.lineWidth = line.width ?? 0;
  for (let i = 0; i < across.length; i++) {
    const colour = typeof color === "string" ? color : color[i];
    pen.fillStyle = colour;
    pen.strokeStyle = line.color ?? colour;
    pen.beginPath();
    SYMBOLS[Array.isArray(symbol) ? symbol[i] : symbol](pen, across[i], up[i], size / 2);
    if (symbol !== "line-ns-open") pen.fill();
    if (line.width) pen.stroke();
  }
}

const SYMBOLS = {
  circle: (pen, x, y, r) => (r > 1 ? pen.arc(x, y, r, 0, 7) : pen.rect(x - r, y - r, 2 * r, 2 * r)),
  diamond: (pen, x, y, r) => polygon(pen, [[x, y - 1.3 * r], [x + 1.3 * r, y], [x, y + 1.3 * r], [x - 1.3 * r, y]]),
  "line-ns-open": (pen, x, y, r) => polygon(pen, [[x, y - r], [x, y + r]]),
};

function polygon(pen, corners) {
  corners.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath();
}

function paintLine(pen, { across, up, line, opacity = 1 }) {
  Object.assign(pen, { globalAlpha: opacity, lineWidth: line.width, strokeStyle: line.color, lineJoin: "round" });
  pen.setLineDash(line.dash === "dash" ? [6, 4] : line.dash === "dot" ? [2, 3] : []);
  pen.beginPath();
  let isDown = false;
  for (let i = 0; i < across.length; i++) {
    const isGap = Number.isNaN(across[i] + up[i]);
    if (!isGap) isDown ? pen.lineTo(across[i], up[i]) : pen.moveTo(across[i], up[i]);
    isDown = !isGap;
  }
  pen.stroke();
  pen.setLineDash([]);
}
