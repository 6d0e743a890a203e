// The kernel of the data point under the pointer, on a layer of its own, so that no heat map is drawn again.

export function showKernel(overlay, plot, kernel, point, colour) {
  const { xaxis, yaxis } = plot._fullLayout;
  const area = overlay.firstElementChild; // clips to the axes
  const box = { x: xaxis._offset, y: yaxis._offset, width: xaxis._length, height: yaxis._length };
  for (const [name, value] of Object.entries(box)) area.setAttribute(name, value);
  const isBump = kernel.mode === "bump";
  const [halo, line] = area.children;
  const path = kernelPath(kernel, { ...point, xaxis, yaxis }, isBump);
  line.setAttribute("d", path);
  halo.setAttribute("d", isBump ? "" : path); // parts an outline from the heat map beneath it
  line.style.stroke = colour;
  line.style.fill = isBump ? colour : "none";
}

export function hideKernel(overlay) {
  for (const path of overlay.querySelectorAll("path")) path.removeAttribute("d");
}

// Offsets (x, y) around the point, or heights y over offsets x, as an SVG path in pixels; null lifts the pen.
function kernelPath({ x, y, scales }, point, isBump) {
  const scale = scales[point.index] ?? scales[0];
  const place = (value, height) => {
    const across = point.xaxis.d2p(point.x + scale * value);
    const up = point.yaxis.d2p(isBump ? height / scale : point.y + scale * height);
    return `${across.toFixed(1)} ${up.toFixed(1)}`;
  };
  let path = "";
  let pen = "M";
  x.forEach((value, i) => {
    if (value !== null && y[i] !== null) path += pen + place(value, y[i]);
    pen = value === null || y[i] === null ? "M" : "L";
  });
  return isBump ? `${path}L${place(x.at(-1), 0)}L${place(x[0], 0)}Z` : path;
}
