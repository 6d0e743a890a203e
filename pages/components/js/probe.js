// A place that one figure points at and other components of the page follow, without the server: each component is a
// module of its own, so they meet at `window`. "hover" is where the pointer is (null: nowhere), "chosen" where the
// figure's handle is, "rest" that a person has let go of it.

export function announce(name, kind, place, at = performance.now()) {
  window.probes ??= new Map(); // name → the chosen place
  if (kind !== "hover") window.probes.set(name, place);
  window.dispatchEvent(new CustomEvent("probe", { detail: { name, kind, place, at } }));
}

export class ProbeFollower {
  constructor(take) {
    this.listener = ({ detail }) => {
      if (detail.name === this.name) take(detail);
    };
    window.addEventListener("probe", this.listener);
  }

  // Follow the probe `name` from now on; return where it is, or null.
  follow(name) {
    this.name = name;
    return window.probes?.get(name) ?? null;
  }

  end() {
    window.removeEventListener("probe", this.listener);
  }
}
