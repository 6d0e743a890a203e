// The frames of a live figure: each says what it changes in some traces, in the message or in a file that is fetched once.

const CALM = 300; // ms after a drawing before files are fetched that nobody has asked for yet
const FETCHED_AT_ONCE = 4;

export class FigureFrames {
  files = new Map(); // name → promise of its numbers
  frames = [];

  // Take the frames of a message; the files of those before that are not among them are forgotten.
  take(frames) {
    this.frames = frames;
    const wanted = new Set(frames.map(({ file }) => file));
    for (const name of this.files.keys()) if (!wanted.has(name)) this.files.delete(name);
  }

  // Return the frame at a step, past the last frame the last, or undefined where there is none.
  async at(step) {
    const frame = this.frames[Math.min(step, this.frames.length - 1)];
    if (!frame?.file) return frame;
    const numbers = await this.load(frame.file);
    return { ...frame, data: frame.data.map((change) => filled(change, numbers)) };
  }

  // Fetch all before long, so that scrubbing never waits; a new message begins that anew.
  fetchAll() {
    clearTimeout(this.timer);
    const { frames } = this;
    this.timer = setTimeout(async () => {
      for (let at = 0; at < frames.length && frames === this.frames; at += FETCHED_AT_ONCE) {
        const some = frames.slice(at, at + FETCHED_AT_ONCE);
        await Promise.allSettled(some.map(({ file }) => file && this.load(file)));
      }
    }, CALM);
  }

  stop() {
    clearTimeout(this.timer);
    this.frames = [];
  }

  load(name) {
    if (!this.files.has(name)) {
      const coming = fetchNumbers(name);
      this.files.set(name, coming);
      coming.catch(() => this.files.delete(name)); // and try again when it is next asked for
    }
    return this.files.get(name);
  }
}

async function fetchNumbers(name) {
  const answer = await fetch(new URL(name, document.baseURI));
  if (!answer.ok) throw { sentence: `A frame could not be loaded (${answer.status}); reload the page.` };
  return new Float32Array(await answer.arrayBuffer());
}

// Return a frame's JSON with its arrays in their places.
function filled(value, numbers) {
  if (!value || typeof value !== "object") return value;
  if (value.shape && value.at !== undefined) return arrayIn(numbers, value.at, value);
  if (Array.isArray(value)) return value.map((one) => filled(one, numbers));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one, numbers)]));
}

export function arrayIn(numbers, start, { shape, shift }) {
  const part = numbers.subarray(start, start + shape.reduce((a, b) => a * b, 1));
  return Object.assign(shift ? Float64Array.from(part, (value) => value + shift) : part, { shape });
}
