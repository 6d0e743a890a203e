/* The drawing pad's buttons, their keys, and the markup of the whole pad. */

import { FIRST, SECOND } from "./sketch.js";

const GROUPS = ["draw", "ink", "history", "about"]; // which stay together when the toolbar wraps
export const BUTTONS = [
  { id: "brush", group: "draw", tool: true, key: "B", label: "Brush", icon: `<path d="M3 17c3.2.3 5.6-.6 5.9-3.1a2.2 2.2 0 0 0-4.3-.6C4.2 15 3.9 16.2 3 17ZM8.4 11.9l6.9-8a1.3 1.3 0 0 1 1.9 1.9l-7.8 7"/>` },
  { id: "point", group: "draw", tool: true, key: "P", label: "Single point", icon: `<circle cx="10" cy="10" r="2.6" fill="currentColor" stroke="none"/><path d="M10 2.8v3M10 14.2v3M2.8 10h3M14.2 10h3"/>` },
  { id: "eraser", group: "draw", tool: true, key: "E", label: "Eraser", icon: `<path d="m8.2 16.6-4.8-4.8a1.4 1.4 0 0 1 0-2l6.4-6.4a1.4 1.4 0 0 1 2 0l4.8 4.8a1.4 1.4 0 0 1 0 2l-6.4 6.4ZM6.3 7l6.7 6.7M8.2 16.6H17"/>` },
  { id: "start", group: "draw", tool: true, key: "S", label: "Start: a hand-placed centre", icon: `<path d="M8 3h4v5h5v4h-5v5H8v-5H3V8h5Z" fill="currentColor" stroke="none"/>` },
  { id: "swap", group: "ink", key: "X", label: "Swap class", icon: `<circle cx="13.4" cy="13.4" r="5" class="other"/><circle cx="7.6" cy="7.6" r="6.2" class="active"/>` },
  { id: "first", group: "ink", kind: FIRST, label: "First class", icon: `<circle cx="10" cy="10" r="6.5" class="first"/>` },
  { id: "second", group: "ink", kind: SECOND, label: "Second class", icon: `<circle cx="10" cy="10" r="6.5" class="second"/>` },
  { id: "options", group: "ink", panel: true, label: "Spread and rate", icon: `<path d="M3 6.5h7.4M15.6 6.5H17M3 13.5h1.4M9.6 13.5H17"/><circle cx="13" cy="6.5" r="2.4"/><circle cx="7" cy="13.5" r="2.4"/>` },
  { id: "undo", group: "history", key: "Ctrl+Z", label: "Undo", icon: `<path d="M7.4 4 3.6 7.8l3.8 3.8M4 7.8h7.6a4.2 4.2 0 0 1 0 8.4H8"/>` },
  { id: "redo", group: "history", key: "Ctrl+Shift+Z", label: "Redo", icon: `<path d="m12.6 4 3.8 3.8-3.8 3.8M16 7.8H8.4a4.2 4.2 0 0 0 0 8.4H12"/>` },
  { id: "clear", group: "history", key: "Delete", label: "Clear", icon: `<path d="M3.8 5.8h12.4M7.6 5.8V3.6h4.8v2.2M5.4 5.8l.8 10.8h7.6l.8-10.8M8.4 9v4.4M11.6 9v4.4"/>` },
  { id: "help", group: "about", panel: true, key: "?", label: "Keyboard shortcuts", icon: `<circle cx="10" cy="10" r="7.2"/><path d="M7.9 8.1a2.1 2.1 0 1 1 2.9 1.9c-.5.2-.8.6-.8 1.2v.3M10 14v.1"/>` },
];

const LETTERS = BUTTONS.filter(({ key }) => key?.length === 1).map(({ key, id }) => [key.toLowerCase(), id]);
export const ACTIONS = { ...Object.fromEntries(LETTERS), delete: "clear", backspace: "clear" };

export const MARKUP = `
  <div class="toolbar" role="toolbar" aria-label="Drawing tools">${GROUPS.map((group) => `
    <div class="group">${BUTTONS.filter((button) => button.group === group).map(({ id, label, key, icon }) => `
      <button type="button" data-id="${id}" aria-label="${label}" title="${label}${key ? ` (${key})` : ""}">
        <svg viewBox="0 0 20 20" aria-hidden="true">${icon}</svg></button>`).join("")}
    </div>`).join("")}
  </div>
  <div class="stage">
    <canvas class="surface" tabindex="0" role="application" aria-label="Drawing pad" aria-describedby="keys"></canvas>
    <canvas class="overlay" aria-hidden="true"></canvas>
    <p class="invitation" aria-hidden="true">Draw here: mouse, pen or finger</p>
    <div class="panel" data-panel="options" hidden>
      <label>Spread <input type="range" name="spread" min="1" max="25" step="1"><output></output></label>
      <label>Rate <input type="range" name="rate" min="5" max="200" step="5"><output></output></label>
      <small>Radius of brush and eraser; points per 100 px, and per second at rest.</small>
    </div>
    <div class="panel" data-panel="help" id="keys" hidden>
      <kbd>B</kbd> brush · <kbd>P</kbd> point · <kbd>E</kbd> eraser ·
      <span data-for="start"><kbd>S</kbd> start · </span><kbd>X</kbd> swap class<br>
      <kbd>[</kbd> <kbd>]</kbd> spread<br>
      <kbd>Ctrl Z</kbd> undo · <kbd>Ctrl Shift Z</kbd> redo · <kbd>Del</kbd> clear<br>
      <kbd>←</kbd> <kbd>→</kbd> <kbd>↑</kbd> <kbd>↓</kbd> move the crosshair, <kbd>Shift</kbd> for more;
      <kbd>Enter</kbd> or <kbd>Space</kbd> draw there
    </div>
  </div>
  <div class="status"><span class="count"></span><span class="position"></span></div>
  <span class="spoken" role="status"></span>`;
