/* What lies on the drawing pad and how Python hears of it. A point is three floats: x, y and its kind. */

import { isBusy, Sender } from "../js/sender.js";

export const [FIRST, SECOND, MARKER] = [0, 1, 2];
const HISTORY_FLOATS = 3e6; // 24 MB of undo steps
const REST = 250; // ms without a message after which the person is taken to rest

/** The points on the pad, x y kind after one another in a buffer that doubles, and the steps back and forward. */
export class Sketch {
  static versions = 0; // a sketch takes a new one whenever points change that may already be painted
  constructor(points, { revision, sequence, dimension, capacity }) {
    Object.assign(this, { revision, sequence, dimension, capacity, unsent: false, done: [], undone: [] });
    this.settings = { tool: "brush", kind: FIRST, spread: 4, rate: 40 };
    this.replace(points);
  }
  get full() { return this.count >= this.capacity; }
  get points() { return this.buffer.subarray(0, 3 * this.count); }
  replace(points) {
    this.buffer = points;
    this.count = points.length / 3;
    this.version = ++Sketch.versions;
  }
  add(x, y, kind) {
    if (this.full) return;
    if (3 * this.count === this.buffer.length) {
      const larger = new Float64Array(Math.max(3072, 2 * this.buffer.length));
      larger.set(this.buffer);
      this.buffer = larger;
    }
    this.buffer.set([x, y, kind], 3 * this.count++);
  }
  erase(covers) {
    let kept = 0;
    for (let i = 0; i < 3 * this.count; i += 3) {
      if (covers(this.buffer[i], this.buffer[i + 1])) continue;
      this.buffer.copyWithin(kept, i, i + 3);
      kept += 3;
    }
    if (kept === 3 * this.count) return;
    this.count = kept / 3;
    this.version = ++Sketch.versions;
  }
  /** Make the content as it was `before` a step that undo returns to. */
  remember(before) {
    this.done.push(before);
    this.undone = [];
    this.unsent = true;
    let room = HISTORY_FLOATS;
    const oldest = this.done.findLastIndex((step) => (room -= step.length) < 0);
    this.done.splice(0, oldest + 1);
  }
  travel(from, to) {
    if (!from.length) return false;
    to.push(this.points.slice());
    this.replace(from.pop());
    return (this.unsent = true);
  }
  undo() { return this.travel(this.done, this.undone); }
  redo() { return this.travel(this.undone, this.done); }
  /** Take over what Python placed: it wins over what was drawn, to which undo returns unless that was in 1-D and this
      is in 2-D or the other way round. */
  accept(points, { revision, sequence, dimension }) {
    if (dimension !== this.dimension) [this.done, this.undone] = [[], []];
    else if (this.count) this.remember(this.points.slice());
    this.replace(points);
    Object.assign(this, { revision, sequence, dimension, unsent: false });
  }
}

/** Sends the sketch to Python, and says when the person rests, so that what is slower than the answer to a stroke can
    follow. */
export class Post extends Sender {
  constructor(sketch) { Object.assign(super(), { sketch, resting: 0 }); }
  send() {
    this.sketch.unsent = false;
    const { revision, points } = this.sketch;
    this.setStateValue("drawing", { revision, sequence: ++this.sketch.sequence, points: base64(points) });
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.rest(), REST);
  }
  rest() {
    if (isBusy()) this.resting = setTimeout(() => this.rest(), 50);
    else this.setTriggerValue("rested", true);
  }
  attempt() {
    if (this.sketch.unsent) super.attempt();
    else this.timer = 0;
  }
}

function base64(floats) {
  const bytes = new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}
