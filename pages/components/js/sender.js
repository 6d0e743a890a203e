// When a component's news go to Python: at once, or soon, which is at most every SEND_EVERY ms and not while the page
// is still answering the last, since a new message interrupts a script that has yet to draw its figures.

const SEND_EVERY = 125; // ms
const PATIENCE = 1000; // ms to wait for a busy page before sending anyway
const ANSWERED = 600; // ms within which the page shows that it answers a click
const PRESSABLE = "button, a, label, [role=button], [role=tab], [role=option]";

// A message right behind a click would stop the script that answers it, before that has looked at the click.
if (window.pressedAt === undefined) {
  window.pressedAt = -ANSWERED;
  const note = ({ target }) => target.closest?.(PRESSABLE) && (window.pressedAt = performance.now());
  for (const kind of ["pointerdown", "click"]) document.addEventListener(kind, note, true);
}

export class Sender {
  sentAt = -SEND_EVERY;
  askedAt = 0;
  timer = 0;

  // `send` is a method that a subclass or an assignment gives.
  now() {
    this.cancel();
    this.sentAt = performance.now();
    this.send();
  }
  soon() {
    if (this.timer) return;
    this.askedAt = performance.now();
    this.timer = setTimeout(() => this.attempt(), Math.max(0, this.sentAt + SEND_EVERY - this.askedAt));
  }
  attempt() {
    this.timer = 0;
    if (isBusy() && performance.now() - this.askedAt < PATIENCE) this.timer = setTimeout(() => this.attempt(), 25);
    else this.now();
  }
  cancel() {
    clearTimeout(this.timer);
    this.timer = 0;
  }
}

export function isBusy() {
  if (performance.now() - window.pressedAt < ANSWERED) return true;
  return Boolean(document.querySelector("[data-test-script-state='running']"));
}
