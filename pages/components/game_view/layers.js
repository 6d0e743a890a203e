// What is drawn in the plane: the discriminator's field, the generator's manifold, points, gradients.

const FIELD_STRENGTH = 0.62; // of a colour at D = 0 and D = 1
const OPAQUE_AT = 6; // times the density that an even spread over the domain would have: half of the full opacity
const MOST_OPAQUE = 0.75;
const SHADES = 12;
const LONGEST_ARROW = 0.09; // of the domain's width
const HALF_ARROW_AT = 4; // gradient (1 / widths of the domain) at which an arrow is half as long as the longest

export function drawField(plane, field, colours, isProbability) {
  const { shape: [rows, columns], values } = field;
  const [centre, span] = isProbability ? [0.5, 0.5] : centreAndSpan(values);
  const image = new ImageData(columns, rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = Math.max(-1, Math.min(1, (values[row * columns + column] - centre) / span));
      const to = value < 0 ? colours.model : colours.data;
      const start = 4 * ((rows - 1 - row) * columns + column); // rows of a picture run down
      for (let i = 0; i < 3; i++) {
        image.data[start + i] = colours.paper[i] + FIELD_STRENGTH * Math.abs(value) * (to[i] - colours.paper[i]);
      }
      image.data[start + 3] = 255;
    }
  }
  plane.pixels ??= document.createElement("canvas");
  Object.assign(plane.pixels, { width: columns, height: rows });
  plane.pixels.getContext("2d").putImageData(image, 0, 0);
  plane.context.imageSmoothingEnabled = true;
  plane.context.imageSmoothingQuality = "low"; // five times faster than "high", and smooth enough for so few cells
  plane.context.drawImage(plane.pixels, plane.x(plane.x0), plane.y(plane.y1), plane.wide, plane.tall);
}

// A critic is known up to a constant: its colours are centred on its median and reach its far values.
function centreAndSpan(values) {
  const sorted = Float32Array.from(values).sort();
  const centre = sorted[sorted.length >> 1];
  const last = sorted.length - 1;
  return [centre, Math.max(centre - sorted[Math.round(0.03 * last)], sorted[Math.round(0.97 * last)] - centre, 1e-9)];
}

export function differenceOf(field, optimal) {
  if (field?.values.length !== optimal?.values.length) return null;
  return { shape: field.shape, values: field.values.map((value, i) => 0.5 + 0.5 * (value - optimal.values[i])) };
}

export function drawPoints(plane, values, colour, radius, paper) {
  const { context } = plane;
  context.beginPath();
  for (let i = 0; i + 1 < values.length; i += 2) {
    const [x, y] = [plane.x(values[i]), plane.y(values[i + 1])];
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
  }
  context.globalAlpha = 0.85;
  context.lineWidth = 1;
  context.strokeStyle = paper;
  context.stroke();
  context.fillStyle = colour;
  context.fill();
  context.globalAlpha = 1;
}

// The image of a grid of equally likely cells of noise: the smaller a cell has become, the denser, the more opaque.
export function drawManifold(plane, { shape, values }, colour) {
  if (shape[1] === 1) return drawCurve(plane, values, colour);
  const { context } = plane;
  const [rows, columns] = shape;
  const even = (plane.x1 - plane.x0) * (plane.y1 - plane.y0); // area of a cell with all the mass at even density
  const mass = 1 / ((rows - 1) * (columns - 1));
  const shades = Array.from({ length: SHADES + 1 }, () => new Path2D()); // cells of about one opacity are one path
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const at = 2 * (row * columns + column);
      const [ax, ay, bx, by] = values.subarray(at, at + 4);
      const [dx, dy, cx, cy] = values.subarray(at + 2 * columns, at + 2 * columns + 4);
      const area = Math.abs((cx - ax) * (dy - by) - (dx - bx) * (cy - ay)) / 2;
      const density = (mass * even) / Math.max(area, 1e-12);
      const shade = shades[Math.round((SHADES * density) / (density + OPAQUE_AT))];
      shade.moveTo(plane.x(ax), plane.y(ay));
      shade.lineTo(plane.x(bx), plane.y(by));
      shade.lineTo(plane.x(cx), plane.y(cy));
      shade.lineTo(plane.x(dx), plane.y(dy));
      shade.closePath();
    }
  }
  context.fillStyle = colour;
  shades.forEach((shade, level) => {
    context.globalAlpha = (MOST_OPAQUE * level) / SHADES;
    if (level) context.fill(shade, "nonzero");
  });
  drawMesh(plane, values, rows, columns, colour);
  context.globalAlpha = 1;
}

function drawMesh(plane, values, rows, columns, colour) {
  const { context } = plane;
  const line = (start, stride, count) => {
    for (let k = 0; k < count; k++) {
      const at = 2 * (start + k * stride);
      context[k ? "lineTo" : "moveTo"](plane.x(values[at]), plane.y(values[at + 1]));
    }
  };
  context.beginPath();
  for (let row = 0; row < rows; row++) line(row * columns, 1, columns);
  for (let column = 0; column < columns; column++) line(column, columns, rows);
  context.strokeStyle = colour;
  context.lineWidth = 0.6;
  context.globalAlpha = 0.5;
  context.stroke();
}

// One-dimensional noise has a curve for its image: each piece the more opaque the shorter it has become.
function drawCurve(plane, values, colour) {
  const { context } = plane;
  const pieces = values.length / 2 - 1;
  const even = plane.x1 - plane.x0;
  context.strokeStyle = colour;
  context.lineWidth = 3;
  for (let i = 0; i < pieces; i++) {
    const [x0, y0, x1, y1] = values.subarray(2 * i, 2 * i + 4);
    const density = even / pieces / Math.max(Math.hypot(x1 - x0, y1 - y0), 1e-9);
    context.globalAlpha = 0.15 + (0.85 * density) / (density + 1);
    context.beginPath();
    context.moveTo(plane.x(x0), plane.y(y0));
    context.lineTo(plane.x(x1), plane.y(y1));
    context.stroke();
  }
  context.globalAlpha = 1;
}

// Where the generator's loss would push each point: a fixed scale, so that vanishing gradients are seen to vanish.
export function drawArrows(plane, { values }, colour) {
  const { context } = plane;
  const width = plane.x1 - plane.x0;
  context.strokeStyle = colour;
  context.lineWidth = 1.3;
  context.globalAlpha = 0.75;
  context.beginPath();
  for (let i = 0; i + 3 < values.length; i += 4) {
    const [x, y, dx, dy] = values.subarray(i, i + 4);
    const size = Math.hypot(dx, dy);
    if (!(size > 0)) continue;
    const length = (LONGEST_ARROW * width * size) / (size + HALF_ARROW_AT / width);
    const [sx, sy] = [plane.x(x), plane.y(y)];
    const [ex, ey] = [plane.x(x + (dx / size) * length), plane.y(y + (dy / size) * length)];
    const [ux, uy] = [dx / size, -dy / size];
    const head = Math.min(5, 0.4 * length * plane.scale);
    context.moveTo(sx, sy);
    context.lineTo(ex, ey);
    context.moveTo(ex - head * (ux + 0.6 * uy), ey - head * (uy - 0.6 * ux));
    context.lineTo(ex, ey);
    context.lineTo(ex - head * (ux - 0.6 * uy), ey - head * (uy + 0.6 * ux));
  }
  context.stroke();
  context.globalAlpha = 1;
}

// Lay noise of one or more dimensions (its first two axes) over the middle of the plane, to start the morph from.
export function placeNoise(plane, noise, reach) {
  const size = noise.shape.at(-1);
  const count = noise.values.length / size;
  const placed = new Float32Array(2 * count);
  const centre = [(plane.x0 + plane.x1) / 2, (plane.y0 + plane.y1) / 2];
  const half = 0.4 * Math.min(plane.x1 - plane.x0, plane.y1 - plane.y0);
  for (let i = 0; i < count; i++) {
    for (let axis = 0; axis < 2; axis++) {
      const value = axis < size ? noise.values[i * size + axis] : 0;
      placed[2 * i + axis] = centre[axis] + ((value - reach.middle) / reach.half) * half;
    }
  }
  return placed;
}

export function reachOf(...noises) {
  let [low, high] = [Infinity, -Infinity];
  for (const noise of noises) for (const value of noise?.values ?? []) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return { middle: (low + high) / 2, half: Math.max((high - low) / 2, 1e-9) };
}
