// A picture, or a history of them at the step of a timeline; its cells may be named, marked and picked.

import { TimelineFollower } from "../js/timeline_follower.js";
import { following } from "../js/live.js";

const VIEW = `
  <div class="columns" aria-hidden="true"></div>
  <div class="rows" aria-hidden="true"></div>
  <div class="frame">
    <canvas role="img"></canvas>
    <div class="cells"></div>
    <button type="button" class="save" aria-label="Download the picture" title="Download the picture">
      <svg viewBox="0 0 16 16"><path d="M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11"/></svg>
    </button>
  </div>
  <p class="caption" hidden></p>`;

const views = new WeakMap(); // mount point → ImageView

export default following(({ data, parentElement, setStateValue }) => {
  if (!views.has(parentElement)) views.set(parentElement, new ImageView(parentElement));
  const view = views.get(parentElement);
  view.setStateValue = setStateValue;
  view.take(data);
  return () => setTimeout(() => {
    if (parentElement.isConnected) return;
    view.timeline.follow(null);
    window.removeEventListener("timeline", view.timeline.listener);
    views.delete(parentElement);
  });
});

class ImageView {
  images = new Map(); // name → promise of an image
  sequence = 0; // number of the last cell picked

  constructor(parent) {
    this.root = document.createElement("div");
    this.root.className = "image-view";
    this.root.innerHTML = VIEW;
    parent.append(this.root);
    [this.canvas, this.cells, this.columns, this.rows, this.caption, this.frame] =
      ["canvas", ".cells", ".columns", ".rows", ".caption", ".frame"].map((name) => this.root.querySelector(name));
    this.timeline = new TimelineFollower(() => this.show());
    this.cells.addEventListener("click", ({ target }) => {
      if (target.dataset.row) this.pick(Number(target.dataset.row), Number(target.dataset.column));
    });
    this.root.querySelector(".save").addEventListener("click", () => this.save());
  }

  take(options) {
    const { size, height, alt, link, columns, rows, pictures, least } = (this.options = options);
    const [width, tall] = size;
    this.root.style.width = height ? `min(100%, ${(height * width) / tall + (rows.length ? 40 : 0)}px)` : "100%";
    this.root.style.setProperty("--least", `${least}px`);
    this.root.classList.toggle("scrolls", least > 0);
    this.canvas.setAttribute("aria-label", alt);
    this.canvas.style.aspectRatio = `${width} / ${tall}`;
    for (const [box, names] of [[this.columns, columns], [this.rows, rows]]) {
      if (box.textContent !== names.join("")) box.replaceChildren(...names.map((name) => element("span", name)));
    }
    this.layCells();
    for (const name of this.images.keys()) if (!pictures.includes(name)) this.images.delete(name);
    this.timeline.follow(pictures.length > 1 ? link : null);
    this.show().then(() => pictures.forEach((name) => this.load(name))); // so that scrubbing never waits
  }

  layCells() {
    const { columns, rows, marks, pickable } = this.options;
    const [across, down] = [columns.length || 1, rows.length || 1];
    const wanted = JSON.stringify([columns, rows, marks, pickable]);
    if (wanted === this.laid) return;
    this.laid = wanted;
    const cells = [];
    for (let row = 0; row < down; row++) {
      for (let column = 0; column < across; column++) {
        const isMarked = marks.some(([i, j]) => i === row && j === column);
        if (!pickable && !isMarked) continue;
        const cell = element(pickable ? "button" : "div", "");
        cell.className = isMarked ? "cell marked" : "cell";
        Object.assign(cell.dataset, { row, column });
        if (pickable) {
          cell.type = "button";
          cell.setAttribute("aria-label", `Choose ${rows[row] ?? ""} ${columns[column] ?? ""}`.trim());
        }
        cell.style.cssText =
          `left:${(100 * column) / across}%;top:${(100 * row) / down}%;width:${100 / across}%;height:${100 / down}%`;
        cells.push(cell);
      }
    }
    this.cells.replaceChildren(...cells);
  }

  // Draw the picture of the step that the timeline is at; of several asked for, the last.
  async show() {
    const { pictures, captions } = this.options;
    if (!pictures.length) return;
    const at = Math.min(this.timeline.step, pictures.length - 1);
    const order = (this.order = (this.order ?? 0) + 1);
    let image;
    try {
      image = await this.load(pictures[at]);
    } catch {
      this.images.delete(pictures[at]);
      return this.say("The picture could not be loaded; reload the page.");
    }
    if (order !== this.order) return;
    Object.assign(this.canvas, { width: image.naturalWidth, height: image.naturalHeight });
    this.canvas.getContext("2d").drawImage(image, 0, 0);
    this.canvas.picture = pictures[at]; // for tests
    this.say(captions[at] ?? "");
  }

  say(text) {
    this.caption.hidden = !text;
    this.caption.textContent = text;
  }

  load(name) {
    if (!this.images.has(name)) {
      const image = new Image();
      image.src = name;
      this.images.set(name, image.decode().then(() => image));
    }
    return this.images.get(name);
  }

  pick(row, column) {
    this.setStateValue("picked", { row, column, sequence: ++this.sequence });
  }

  save() {
    this.canvas.toBlob((file) => {
      const link = element("a", "");
      Object.assign(link, { href: URL.createObjectURL(file), download: `${this.options.file_name}.png` });
      link.click();
      URL.revokeObjectURL(link.href);
    });
  }
}

function element(tag, text) {
  return Object.assign(document.createElement(tag), { textContent: text });
}
