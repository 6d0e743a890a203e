// What the page's theme does to a figure.

export function readTheme(element) {
  const style = getComputedStyle(element);
  const variable = (name) => style.getPropertyValue(name).trim();
  const [red, green, blue] = (style.color.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number); // none off the page
  return {
    isDark: 0.299 * red + 0.587 * green + 0.114 * blue > 128, // light text
    text: style.color,
    font: style.fontFamily,
    background: variable("--st-background-color"),
    raised: variable("--st-secondary-background-color"),
    line: variable("--st-border-color"),
  };
}

// The theme fills in what the figure leaves open: it becomes the template beneath the figure's own layout.
export function applyTheme(layout, theme) {
  const clear = "rgba(0,0,0,0)";
  const axis = { gridcolor: theme.line, linecolor: theme.line, zerolinecolor: theme.line };
  const wall = { ...axis, backgroundcolor: clear, color: theme.text };
  const bar = { colorbar: { outlinewidth: 0, tickcolor: theme.line } };
  const template = {
    layout: {
      font: { family: theme.font, color: theme.text },
      hoverlabel: { bgcolor: theme.raised, bordercolor: theme.line, font: { family: theme.font, color: theme.text } },
      legend: { bgcolor: clear },
      annotationdefaults: { arrowcolor: theme.text },
      xaxis: axis, yaxis: axis, scene: { xaxis: wall, yaxis: wall, zaxis: wall },
    },
    data: { heatmap: [bar], contour: [bar], surface: [bar] },
  };
  layout.template = merge(layout.template ?? {}, template);
  Object.assign(layout, { paper_bgcolor: clear, plot_bgcolor: clear });
}

function merge(below, above) {
  const isObject = (value) => value && typeof value === "object" && !Array.isArray(value);
  if (!isObject(below) || !isObject(above)) return above;
  const merged = { ...below };
  for (const [name, value] of Object.entries(above)) merged[name] = merge(below[name], value);
  return merged;
}

// Swap the colours named in `dark`, in place, wherever they stand; base64 arrays and lists of numbers are passed over (a colour scale's entry is a number and a colour).
export function recolour(node, dark) {
  for (const [name, value] of Object.entries(node)) {
    if (typeof value === "string") {
      if (value.includes("#")) node[name] = value.replace(/#[0-9a-f]{6}/gi, (hex) => dark[hex.toUpperCase()] ?? hex);
    } else if (value && typeof value === "object" && !value.bdata && typeof (value[1] ?? value[0]) !== "number") {
      recolour(value, dark);
    }
  }
}
