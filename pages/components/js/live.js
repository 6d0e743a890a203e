// How components follow a training without a rerun of the script: a page asks each of its feeds one question at a
// time, and the answer holds the new data of those components alone that have changed. Components are modules of
// their own, so they meet at `window`.

const TRIES = 60; // in a row that may fail before a feed is given up: some ten minutes
const LONGEST = 10_000; // ms between two of them
const REST = 1.5; // times as long as an answer took, at least, passes before the next question

class LiveFeed {
  members = new Map(); // mount point → {element, take}
  since = 0;
  failures = 0;

  constructor(name, every) {
    Object.assign(this, { name, every });
  }

  join(mount, { element, stamp }, take) {
    this.members.set(mount, { element, take });
    this.since = Math.max(this.since, stamp);
    this.listen();
  }

  async listen() {
    if (this.isListening) return;
    this.isListening = true;
    while (this.members.size && (await this.ask())) {
      for (const mount of this.members.keys()) if (!mount.isConnected) this.members.delete(mount);
    }
    this.isListening = false;
  }

  // Ask once and pass on what comes; tell whether to ask again.
  async ask() {
    const began = performance.now();
    await pause(Math.min(this.every * 2 ** this.failures, LONGEST));
    const { since } = this;
    let answer;
    try {
      answer = await fetch(new URL(`${this.name}?since=${since}`, document.baseURI));
      if (answer.status === 404) return false; // the page it was for is gone
      if (!answer.ok) throw new Error(String(answer.status));
      answer = readAnswer(await answer.arrayBuffer());
      this.failures = 0;
    } catch {
      this.failures += 1;
      return this.failures < TRIES;
    }
    this.since = Math.max(this.since, answer.stamp);
    for (const [mount, { element, take }] of this.members) {
      if (mount.isConnected && answer.elements.has(element)) take(answer.elements.get(element), answer.stamp);
    }
    if (!answer.going) return false;
    await pause((performance.now() - began - this.every) * (REST - 1));
    return true;
  }
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, Math.max(0, ms)));
}

// An answer: the length of a JSON head (uint32), the head, and the data of its elements one after the other.
function readAnswer(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  let end = 4 + length;
  const elements = new Map();
  for (const [name, size, isBytes] of head.elements) {
    const bytes = new Uint8Array(buffer.slice(end, (end += size))); // at an even start
    elements.set(name, isBytes ? bytes : JSON.parse(new TextDecoder().decode(bytes)));
  }
  return { ...head, elements };
}

const liveData = new WeakMap(); // mount point → what a feed has brought last

// Return a component's default export that follows the feed which its data name, if there is one; `headOf` reads from
// the data what the component shares with all that are live: {live, hidden}.
export function following(render, headOf = (data) => data ?? {}) {
  const show = (component, data) => {
    const isHidden = Boolean(headOf(data).hidden);
    hide(component.parentElement, isHidden);
    return isHidden ? undefined : render({ ...component, data });
  };
  return (component) => {
    const { data, parentElement: mount } = component;
    const { live } = headOf(data);
    const brought = liveData.get(mount);
    // Streamlit also calls with data that it has sent before: what came by the feed is then newer.
    const isOlder = live && brought?.element === live.element && brought.stamp > live.stamp;
    const end = show(component, isOlder ? brought.data : data);
    window.liveFeeds ??= new Map();
    for (const feed of window.liveFeeds.values()) if (feed.name !== live?.feed) feed.members.delete(mount);
    if (live) {
      if (!window.liveFeeds.has(live.feed)) window.liveFeeds.set(live.feed, new LiveFeed(live.feed, live.every));
      window.liveFeeds.get(live.feed).join(mount, live, (next, stamp) => {
        liveData.set(mount, { element: live.element, stamp, data: next });
        show(component, next);
      });
    } else {
      liveData.delete(mount);
    }
    return end;
  };
}

// Take a component that has nothing to show yet, with the gap around it, out of the page.
export function hide(mount, isHidden) {
  const box = (mount.host ?? mount).closest?.('[data-testid="stElementContainer"]');
  if (box) box.style.display = isHidden ? "none" : "";
}
