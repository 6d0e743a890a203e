// Words that change in place, with a training or with the step of a timeline; what warns is announced.

import { following, hide } from "../js/live.js";
import { TimelineFollower } from "../js/timeline_follower.js";

const texts = new WeakMap(); // mount point → LiveText

export default following(({ data, parentElement }) => {
  if (!texts.has(parentElement)) texts.set(parentElement, new LiveText(parentElement));
  const text = texts.get(parentElement);
  text.take(data);
  return () => setTimeout(() => {
    if (parentElement.isConnected) return;
    text.timeline.follow(null);
    window.removeEventListener("timeline", text.timeline.listener);
    texts.delete(parentElement);
  });
});

class LiveText {
  constructor(parent) {
    this.parent = parent;
    this.box = document.createElement("div");
    parent.append(this.box);
    this.timeline = new TimelineFollower(() => this.show());
  }

  take(data) {
    this.data = data;
    this.box.className = `live-text ${data.look}`;
    if (data.look === "warning" || data.look === "error") this.box.setAttribute("role", "status");
    this.timeline.follow(data.link);
    this.show();
  }

  // Of words that follow a timeline, each step has its own, and there may be none at the one on show.
  show() {
    const { html, steps, link } = this.data;
    const words = steps ? (steps[Math.min(this.timeline.step, steps.length - 1)] ?? "") : html;
    if (link) hide(this.parent, !words);
    if (this.given !== words) this.box.innerHTML = this.given = words;
  }
}
