// The messages as they came: a ring of the last ones, of which the newest are shown. Pausing freezes what is shown, not
// what is kept.

import { byId, element, setAttribute, setText } from "./dom.js";
import { exactTime, plural, text } from "./text.js";

const KEPT = 500;
const SHOWN = 100;
const LONGEST = 4000; // characters kept of one message
const TYPES = 40;

export class MessageLog {
  #ring = [];
  #next = 0; // the number of the next message
  #drawn = 0; // messages with lower numbers were drawn, or did not fit the filter
  #paused = false;
  #types = new Set();
  #rows = byId("messages");
  #filter = byId("log-type");
  #pause = byId("log-pause");

  constructor() {
    this.#filter.addEventListener("change", () => this.#drawAnew());
    byId("log-clear").addEventListener("click", () => this.#clear());
    this.#pause.addEventListener("click", () => {
      this.#paused = !this.#paused;
      setAttribute(this.#pause, "aria-pressed", this.#paused);
      setText(this.#pause, this.#paused ? "Go on" : "Pause");
      this.draw();
    });
  }

  get size() {
    return this.#ring.length;
  }

  add(message, raw, now) {
    const type = text(message.type) || "no type";
    this.#ring.push({ number: this.#next++, at: now, type, entity: entityOf(message), raw: raw.slice(0, LONGEST) });
    if (this.#ring.length > KEPT) this.#ring.shift();
    if (this.#types.has(type) || this.#types.size >= TYPES) return;
    this.#types.add(type);
    this.#filter.append(element("option", { value: type }, type));
  }

  draw() {
    const waiting = this.#next - this.#drawn;
    const note = this.#paused
      ? `paused, ${plural(waiting, "newer message")}`
      : `the last ${Math.min(this.#ring.length, SHOWN)} of ${this.#next}`;
    setText(byId("log-note"), note);
    if (this.#paused || waiting === 0) return;
    const fresh = this.#ring.filter((entry) => entry.number >= this.#drawn && this.#fits(entry)).slice(-SHOWN);
    this.#drawn = this.#next;
    this.#rows.prepend(...fresh.reverse().map(row));
    while (this.#rows.children.length > SHOWN) this.#rows.lastChild.remove();
  }

  #fits(entry) {
    return this.#filter.value === "" || this.#filter.value === entry.type;
  }

  #drawAnew() {
    const shown = this.#ring
      .filter((entry) => entry.number < this.#drawn || !this.#paused)
      .filter((entry) => this.#fits(entry));
    this.#rows.replaceChildren(...shown.slice(-SHOWN).reverse().map(row));
    if (!this.#paused) this.#drawn = this.#next;
    this.draw();
  }

  #clear() {
    this.#ring = [];
    this.#drawn = this.#next;
    this.#rows.replaceChildren();
    this.draw();
  }
}

function entityOf(message) {
  const ids = [message.orderId, message.runId, message.driverId, message.merchantId, message.topic, message.group];
  return ids.map(text).find(Boolean) ?? "";
}

function row(entry) {
  const details = element(
    "details",
    {},
    element(
      "summary",
      {},
      element("time", {}, exactTime(entry.at)),
      element("span", { class: "type" }, entry.type),
      element("span", { class: "id" }, entry.entity),
      element("code", {}, entry.raw.slice(0, 400)),
    ),
  );
  details.addEventListener(
    "toggle",
    () => details.children.length > 1 || details.append(element("pre", {}, pretty(entry.raw))),
  );
  return element("li", {}, details);
}

function pretty(raw) {
  try {
    return JSON.stringify(JSON.parse(raw), null, 2);
  } catch {
    return raw; // no JSON, or cut off
  }
}
