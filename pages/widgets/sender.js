// When a component's news go to Python: at once, or soon, which is at most every SEND_EVERY ms and not while the page
// is still answering the last, since a new message interrupts a script that has yet to draw its figures.

const SEND_EVERY = 125; // ms
const PATIENCE = 1000; // ms to wait for a busy page before sending anyway

class Sender {
  sentAt = -PATIENCE;
  timer = 0;

  // `send` is a method that a subclass or an assignment gives.
  now() {
    this.cancel();
    this.sentAt = performance.now();
    this.send();
  }
  soon() {
    const wait = Math.max(0, this.sentAt + SEND_EVERY - performance.now());
    this.timer ||= setTimeout(() => this.attempt(), wait);
  }
  attempt() {
    this.timer = 0;
    if (isBusy() && performance.now() - this.sentAt < PATIENCE) this.timer = setTimeout(() => this.attempt(), 25);
    else this.now();
  }
  cancel() {
    clearTimeout(this.timer);
    this.timer = 0;
  }
}

function isBusy() {
  return Boolean(document.querySelector("[data-test-script-state='running']"));
}
