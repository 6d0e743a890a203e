// One number: a track to drag, a field with the exact value, and never two opinions about it.

import { Sender } from "../js/sender.js";
import { isAllowed, numberAt, numberIn, stepFrom, trackOf } from "./scale.js";

const MARKUP = `
  <div class="head">
    <label for="field"></label>
    <button type="button" class="help" aria-expanded="false">
      <svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6.4"/>
      <path d="M6.1 6.3a1.9 1.9 0 1 1 2.7 1.7c-.5.3-.8.6-.8 1.2M8 11.3v.2"/></svg></button>
    <span class="exact"><input id="field" type="text" autocomplete="off" spellcheck="false"><span class="unit"></span></span>
  </div>
  <div class="track" role="slider"><div class="line"><div class="filled"></div></div><div class="thumb"></div></div>
  <div class="error" id="error" role="alert"></div>
  <div class="tip" id="tip" role="tooltip" popover="manual"></div>`;

const SLACK = 4; // pixels that a finger may move before it means to drag
const KEYS = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 1, PageDown: -1 };

const fields = new WeakMap(); // mount point → NumberField

export default function ({ data, parentElement, setStateValue }) {
  if (!fields.has(parentElement)) fields.set(parentElement, new NumberField(parentElement));
  const field = fields.get(parentElement);
  field.setStateValue = setStateValue;
  field.take(data);
  return () => {
    if (field.timer) field.now(); // whatever was to be sent soon: the part may be about to go
    setTimeout(() => {
      if (parentElement.isConnected) return;
      field.hideTip();
      fields.delete(parentElement);
    });
  };
}

class NumberField extends Sender {
  revision = -1;
  sequence = -1;
  grip = null; // while a pointer holds the thumb: how far from its middle, and what the number was

  constructor(parent) {
    super();
    this.root = document.createElement("div");
    this.root.className = "number";
    this.root.innerHTML = MARKUP;
    parent.append(this.root);
    for (const name of ["help", "unit", "track", "filled", "thumb", "error", "tip"]) {
      this[name] = this.root.querySelector(`.${name}`);
    }
    this.label = this.root.querySelector("label");
    this.input = this.root.querySelector("input");
    this.listenToField();
    this.listenToTrack();
    this.listenToHelp();
    this.listenToEscape();
  }

  // Python's number is news if Python set it (a higher revision), or if it is a later one of ours than we know of: a
  // part mounted again may have sent it. An answer to an older message of ours is not.
  take(data) {
    const { revision, sequence, value, ...about } = data;
    this.about = about;
    const isNews = revision > this.revision || (revision === this.revision && sequence > this.sequence);
    if (isNews) {
      Object.assign(this, { revision, sequence, value });
      this.cancel();
      if (!this.isDirty) this.write();
    }
    this.label.textContent = about.label;
    this.unit.textContent = about.unit;
    this.help.hidden = !about.help;
    this.help.ariaLabel = `Help for ${about.label}`;
    this.tip.textContent = about.help;
    this.input.inputMode = about.integer && about.low !== null && about.low >= 0 ? "numeric" : "decimal";
    this.input.disabled = about.disabled;
    this.root.classList.toggle("disabled", about.disabled);
    if (!this.grip) this.lay();
    this.show();
  }

  // Lay the track's ends anew where the number lies beyond them; else they stay put under the hand.
  lay() {
    const { least, most } = this.ends ?? {};
    const bounds = JSON.stringify([this.about.low, this.about.high, this.about.standard]);
    if (this.bounds === bounds && this.value >= least && this.value <= most) return;
    this.bounds = bounds;
    this.ends = trackOf(this.about, this.value);
  }

  write() {
    this.input.value = String(this.value);
    this.isDirty = false;
    this.complain("");
  }

  show() {
    const { value, about, track } = this;
    const isFine = isAllowed(value, about);
    this.root.style.setProperty("--place", this.ends.placeOf(value));
    this.root.classList.toggle("beyond", !isFine);
    track.tabIndex = about.disabled ? -1 : 0;
    Object.assign(track, {
      ariaLabel: about.label, ariaValueMin: Math.min(this.ends.least, value),
      ariaValueMax: Math.max(this.ends.most, value),
      ariaValueNow: value, ariaValueText: `${value}${about.unit && ` ${about.unit}`}`, ariaDisabled: about.disabled,
    });
    this.input.ariaInvalid = !isFine || Boolean(this.error.textContent);
    this.input.title = this.input.value.length > 7 ? this.input.value : "";
    for (const part of [track, this.input]) part.setAttribute("aria-describedby", about.help ? "tip error" : "error");
  }

  complain(sentence) {
    this.error.textContent = sentence;
  }

  // What the person sets, by whichever way: shown at once, told to Python at once or soon.
  set(value, when) {
    const isSame = value === this.value;
    this.value = value;
    if (!this.grip) this.lay();
    this.write();
    this.show();
    if (!isSame) {
      this.unsent = true;
      if (when === "soon") this.soon();
    }
    if (when === "now" && this.unsent) this.now();
  }

  // Later than all before, also those of a part that stood here earlier.
  send() {
    this.unsent = false;
    this.sequence = Math.max(this.sequence + 1, Date.now());
    this.setStateValue("number", { value: this.value, revision: this.revision, sequence: this.sequence });
  }

  listenToField() {
    const { input } = this;
    input.addEventListener("input", () => (this.isDirty = true));
    input.addEventListener("blur", () => this.commit());
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.commit();
      else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
        event.preventDefault();
        if (this.commit()) this.press(event);
      }
    });
  }

  // Take over what was typed; return whether it is a number.
  commit() {
    if (!this.isDirty) return true;
    const value = numberIn(this.input.value);
    if (value === null) {
      this.complain(`This is not a number, or too large; ${this.value} is kept.`);
      this.show();
      return false;
    }
    this.set(value, "now");
    return true;
  }

  press(event) {
    const isLarge = event.shiftKey || event.key.startsWith("Page");
    this.set(stepFrom(this.ends, this.about, this.value, KEYS[event.key], isLarge), "soon");
  }

  listenToTrack() {
    const { track } = this;
    track.addEventListener("keydown", (event) => {
      if (this.about.disabled || event.altKey || event.ctrlKey || event.metaKey) return;
      const end = { Home: this.ends.least, End: this.ends.most }[event.key];
      if (event.key in KEYS) this.press(event);
      else if (end !== undefined) this.set(numberAt(this.ends, this.about, event.key === "End" ? 1 : 0, 200), "soon");
      else return;
      event.preventDefault();
    });
    track.addEventListener("pointerdown", (event) => this.grasp(event));
    track.addEventListener("pointermove", (event) => this.drag(event));
    track.addEventListener("pointerup", (event) => this.release(event));
    track.addEventListener("pointercancel", () => this.restore());
  }

  // A finger may be about to scroll the page: it has to move along the track, or to be lifted, before it means this.
  grasp(event) {
    if (this.about.disabled || event.button > 0 || this.grip) return;
    const { left, width } = this.track.getBoundingClientRect();
    const radius = this.thumb.offsetWidth / 2;
    const middle = left + radius + this.ends.placeOf(this.value) * (width - 2 * radius);
    const isOnThumb = Math.abs(event.clientX - middle) <= radius + 1;
    this.grip = {
      id: event.pointerId, start: event.clientX, before: this.value, left: left + radius, width: width - 2 * radius,
      offset: isOnThumb ? event.clientX - middle : 0, isMoving: !isOnThumb && event.pointerType !== "touch",
    };
    this.track.setPointerCapture(event.pointerId);
    if (this.isDirty) this.write();
    if (this.grip.isMoving) this.drag(event);
  }

  drag(event) {
    const { grip } = this;
    if (grip?.id !== event.pointerId) return;
    grip.isMoving ||= Math.abs(event.clientX - grip.start) >= (event.pointerType === "touch" ? SLACK : 1);
    if (!grip.isMoving) return;
    this.set(this.under(event), this.about.live ? "soon" : "later");
  }

  under({ clientX }) {
    const { left, width, offset } = this.grip;
    return numberAt(this.ends, this.about, (clientX - offset - left) / width, width);
  }

  release(event) {
    const { grip } = this;
    if (grip?.id !== event.pointerId) return;
    const isTap = !grip.isMoving && event.pointerType === "touch" && !grip.offset;
    const value = grip.isMoving || isTap ? this.under(event) : this.value;
    this.grip = null;
    this.set(value, "now");
  }

  restore() {
    if (!this.grip) return;
    const { before } = this.grip;
    this.grip = null;
    this.set(before, "now");
  }

  listenToHelp() {
    const { help } = this;
    help.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && this.showTip());
    help.addEventListener("pointerleave", () => this.hideTip());
    help.addEventListener("focus", () => help.matches(":focus-visible") && this.showTip());
    help.addEventListener("blur", () => this.hideTip());
    help.addEventListener("click", () => this.showTip());
  }

  // Streamlit hears Escape first and closes the popover around, and what was typed would be taken over as it goes. So
  // the window is listened to while the focus is here: the tip and what was typed go before the popover does.
  listenToEscape() {
    const undo = (event) => {
      if (event.key !== "Escape") return;
      if (this.help.ariaExpanded === "true") this.hideTip();
      else if (this.isDirty) {
        this.write();
        this.show();
      } else return;
      event.stopPropagation();
    };
    this.root.addEventListener("focusin", () => window.addEventListener("keydown", undo, true));
    this.root.addEventListener("focusout", () => window.removeEventListener("keydown", undo, true));
  }

  showTip() {
    this.tip.showPopover();
    this.help.ariaExpanded = "true";
    const place = this.help.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.tip;
    const left = Math.min(Math.max(place.left + place.width / 2 - width / 2, 8), innerWidth - width - 8);
    const top = place.top - height - 6 >= 8 ? place.top - height - 6 : place.bottom + 6;
    Object.assign(this.tip.style, { left: `${left}px`, top: `${top}px` });
  }

  hideTip() {
    if (this.tip.isConnected) this.tip.hidePopover();
    this.help.ariaExpanded = "false";
  }
}
