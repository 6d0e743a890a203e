// The frames of a history: files fetched once, unpacked to arrays by layer, mixed while one turns into the next.

const AT_ONCE = 4; // files fetched at the same time when nothing waits for them

export class GameFrames {
  frames = new Map(); // name → frame
  coming = new Map(); // name → promise of one

  load(name) {
    if (this.frames.has(name)) return Promise.resolve(this.frames.get(name));
    if (!this.coming.has(name)) {
      const promise = this.fetch(name).finally(() => this.coming.delete(name));
      this.coming.set(name, promise);
    }
    return this.coming.get(name);
  }

  async fetch(name) {
    const answer = await fetch(new URL(`${this.path}${name}.bin`, document.baseURI));
    if (!answer.ok) throw new Error(`A frame could not be loaded (${answer.status}).`);
    const frame = unpackFrame(await answer.arrayBuffer());
    this.frames.set(name, frame);
    return frame;
  }

  // Forget what is no longer part of the history; fetch the rest, unless more is to come, after a while.
  keep(names, isGrowing) {
    const wanted = new Set(names);
    for (const name of this.frames.keys()) if (!wanted.has(name)) this.frames.delete(name);
    clearTimeout(this.timer);
    const round = (this.round = (this.round ?? 0) + 1);
    if (isGrowing) return;
    this.timer = setTimeout(async () => {
      for (let at = 0; at < names.length && round === this.round; at += AT_ONCE) {
        await Promise.allSettled(names.slice(at, at + AT_ONCE).map((name) => this.load(name)));
      }
    }, 600);
  }

  stop() {
    clearTimeout(this.timer);
    this.round = Infinity;
  }
}

function unpackFrame(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const frame = {};
  for (const [name, [start, shape]] of Object.entries(head)) {
    const size = shape.reduce((product, side) => product * side, 1);
    frame[name] = { shape, values: new Float32Array(buffer, 4 + length + 4 * start, size) };
  }
  return frame;
}

// The frame on the way from one to the next, at `t` in [0, 1]; what only the next has, or has in another shape, is
// there at once.
export function mixFrames(before, after, t) {
  if (t >= 1 || !before) return after;
  const mixed = {};
  for (const [name, { shape, values }] of Object.entries(after)) {
    const old = before[name]?.values;
    mixed[name] = old?.length === values.length ? { shape, values: mix(old, values, t) } : { shape, values };
  }
  return mixed;
}

export function mix(before, after, t) {
  const mixed = new Float32Array(after.length);
  for (let i = 0; i < mixed.length; i++) mixed[i] = before[i] + t * (after[i] - before[i]);
  return mixed;
}
