// Figures to take home.

// Return a painted trace as Plotly, and JSON, want it: lists, and lists of rows, instead of arrays.
export function asPlotly(trace) {
  const list = (array) => {
    if (!array?.shape) return array;
    const [rows, columns] = array.shape;
    const row = (j) => Array.from(array.subarray(j * columns, (j + 1) * columns));
    return columns ? Array.from({ length: rows }, (_, j) => row(j)) : Array.from(array);
  };
  return { ...trace, x: list(trace.x), y: list(trace.y), z: list(trace.z) };
}

export async function standalonePage(figure, { library, alt, file_name }) {
  const source = await (await fetch(new URL(library, document.baseURI))).text();
  const escape = (text) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
  const { data, layout } = figure;
  const fitted = { ...layout, width: undefined, height: undefined, autosize: true };
  const config = { displaylogo: false, showSendToCloud: false, responsive: true };
  const json = JSON.stringify([data, fitted, config]).replaceAll("<", "\\u003c"); // "<" could end the script
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escape(file_name)}</title>
<body style="margin:0;background:${layout.paper_bgcolor}"><div id="figure" style="height:100vh" role="img" aria-label="${escape(alt)}"></div>
<script>${source}</script>
<script>Plotly.newPlot("figure", ...${json});</script></body></html>`;
}

export function save(url, name) {
  const anchor = Object.assign(document.createElement("a"), { href: url, download: name });
  anchor.click();
  if (url.startsWith("blob:")) setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
