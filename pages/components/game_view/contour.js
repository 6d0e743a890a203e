// Where a field on the cells of a grid crosses a level: marching squares between the centres of the cells.

// Trace the contour of `field` (rows along y) at `level` onto the plane, as one path of segments; none beside a cell
// whose value is `unknown`.
export function traceContour(plane, { shape, values }, level, unknown = NaN) {
  const [rows, columns] = shape;
  const across = (plane.x1 - plane.x0) / columns;
  const up = (plane.y1 - plane.y0) / rows;
  const at = (row, column) => values[row * columns + column] - level;
  const px = (column) => plane.x(plane.x0 + (column + 0.5) * across);
  const py = (row) => plane.y(plane.y0 + (row + 0.5) * up);
  const { context } = plane;
  context.beginPath();
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      // Corners in order around the square, and where its edges are crossed.
      const corners = [
        [row, column, at(row, column)],
        [row, column + 1, at(row, column + 1)],
        [row + 1, column + 1, at(row + 1, column + 1)],
        [row + 1, column, at(row + 1, column)],
      ];
      if (corners.some(([, , value]) => value + level === unknown)) continue;
      const crossed = [];
      for (let i = 0; i < 4; i++) {
        const [r0, c0, a] = corners[i];
        const [r1, c1, b] = corners[(i + 1) % 4];
        if (a < 0 === b < 0) continue;
        const t = a / (a - b);
        crossed.push([px(c0 + t * (c1 - c0)), py(r0 + t * (r1 - r0))]);
      }
      for (let i = 0; i + 1 < crossed.length; i += 2) {
        context.moveTo(...crossed[i]);
        context.lineTo(...crossed[i + 1]);
      }
    }
  }
  context.stroke();
}
