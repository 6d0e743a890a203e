// How a figure follows a timeline of the same page: each component is a module of its own, so they meet at `window`.

export class TimelineFollower {
  step = Infinity; // the end

  constructor(show) {
    this.listener = ({ detail }) => {
      if (detail.link !== this.link) return;
      this.step = detail.step;
      show(this.step);
    };
    window.addEventListener("timeline", this.listener);
  }

  // Follow the timeline called `link` from now on, or none.
  follow(link) {
    this.link = link;
    this.step = window.timelines?.get(link) ?? Infinity;
  }
}
