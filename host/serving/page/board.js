// What was heard, kept as the page shows it: the latest of each order, run, driver, merchant and window. Bounded: what
// ended leaves after a while, and of each kind only so many are held, the least recently heard going first.

import { finite, list, object, text, time } from "./text.js";

export const STEPS = ["PENDING", "CONFIRMED", "PREPARING", "READY", "OUT_FOR_DELIVERY", "DELIVERED"];
const ORDER_ENDS = new Set(["DELIVERED", "CANCELLED", "FAILED"]);
const RUN_ENDS = new Set(["COMPLETED", "CANCELLED", "FAILED"]);

const HELD = 2000; // of each kind
const ENDED_HELD = 50;
const ENDED_STAYS_MS = 120e3;
const DRIVER_STAYS_MS = 600e3;
const STALE_MS = 60e3;
const RELISTED_WITHIN_MS = 5e3;
const SECONDS = 60;

const TABLE_OF_PREFIX = new Map([
  ["orders", "orders"],
  ["customers", "orders"],
  ["runs", "runs"],
  ["drivers", "drivers"],
  ["merchants", "merchants"],
  ["windows", "windows"],
]);

export class Board {
  orders = new Map();
  runs = new Map();
  drivers = new Map();
  merchants = new Map();
  windows = new Map();
  finished = { DELIVERED: 0, CANCELLED: 0, FAILED: 0 }; // since the page was opened
  troubles = new Map(); // topic -> reason, while a state is degraded
  seconds = new Array(SECONDS).fill(0); // messages in each of the last seconds, the newest last
  changed = true;

  #heardEver = 0;
  #relisting = []; // {table, since}

  hear(message, now) {
    ++this.seconds[SECONDS - 1];
    this.changed = true;
    switch (message.type) {
      case "order_update":
        return this.#order(message, now);
      case "run_update":
        return this.#run(message, now);
      case "driver_location":
        return this.#driver(message, now);
      case "merchant_update":
        return this.#keep(this.merchants, message.merchantId, { data: object(message.data) }, now);
      case "window":
        return this.#keep(this.windows, text(message.group) || "all", { data: message }, now);
      case "connected":
        return message.resumed === true ? undefined : this.#relist([...new Set(TABLE_OF_PREFIX.values())], now);
      case "reset":
        return this.#relist([TABLE_OF_PREFIX.get(text(message.topic).split("/")[0])], now);
      case "ended":
        return this.#ended(text(message.topic));
      case "degraded":
        return void this.troubles.set(text(message.topic), text(message.reason));
      case "recovered":
        return void this.troubles.delete(text(message.topic));
    }
  }

  #order(message, now) {
    const data = object(message.data);
    const status = text(data.status);
    const before = this.orders.get(message.orderId);
    const ends = ORDER_ENDS.has(status);
    if (ends && before && !before.endedAt && status in this.finished) ++this.finished[status];
    const endedAt = ends ? before?.endedAt || now : 0;
    const step = STEPS.indexOf(status);
    this.#keep(
      this.orders,
      message.orderId,
      { data, status, endedAt, reached: step < 0 ? (before?.reached ?? -1) : step },
      now,
    );
  }

  #run(message, now) {
    const data = object(message.data);
    const status = text(data.status);
    const endedAt = RUN_ENDS.has(status) ? this.runs.get(message.runId)?.endedAt || now : 0;
    this.#keep(this.runs, message.runId, { data, status, endedAt }, now);
  }

  #driver(message, now) {
    const location = object(message.location);
    if (finite(location.latitude) === null || finite(location.longitude) === null) return;
    this.#keep(
      this.drivers,
      message.driverId,
      { location, stale: message.stale === true, at: time(message.timestamp) ?? now },
      now,
    );
  }

  #keep(table, id, entry, now) {
    if (typeof id !== "string" || id === "") return;
    const number = table.get(id)?.number ?? ++this.#heardEver;
    table.delete(id); // so that the table's order is by when each was last heard
    table.set(id, { id, number, heard: now, ...entry });
    if (table.size > HELD) table.delete(table.keys().next().value);
  }

  // A driver whose topic ends is no longer ours to see.
  #ended(topic) {
    if (topic.startsWith("drivers/")) this.drivers.delete(topic.slice("drivers/".length));
  }

  // A snapshot follows: what it does not bring again is gone.
  #relist(tables, now) {
    for (const table of tables) if (table) this.#relisting.push({ table, since: now });
    this.troubles.clear();
  }

  // Once a second: lets go of what is over. `keep` is the id of an order that stays.
  tick(now, keep) {
    this.seconds.push(0);
    this.seconds.shift();
    this.#forgetUnlisted(now);
    this.#forgetEnded(this.orders, now, keep);
    this.#forgetEnded(this.runs, now, "");
    for (const [id, driver] of this.drivers) if (now - driver.heard > DRIVER_STAYS_MS) this.drivers.delete(id);
    this.changed = true;
  }

  #forgetUnlisted(now) {
    const due = this.#relisting.filter(({ since }) => now - since > RELISTED_WITHIN_MS);
    for (const { table, since } of due)
      for (const [id, entry] of this[table]) if (entry.heard < since) this[table].delete(id);
    this.#relisting = this.#relisting.filter((one) => !due.includes(one));
  }

  #forgetEnded(table, now, keep) {
    const ended = [...table.values()].filter((entry) => entry.endedAt > 0 && entry.id !== keep);
    const most = ended.length - ENDED_HELD; // the table lists the least recently heard first
    ended.forEach((entry, i) => (i < most || now - entry.endedAt > ENDED_STAYS_MS) && table.delete(entry.id));
  }

  // ---- what can be asked of it

  isStale(driver, now) {
    return driver.stale || now - driver.heard > STALE_MS;
  }

  // Those under way, the newest first, then those that ended.
  ordersInOrder() {
    return [...this.orders.values()].sort((a, b) => (a.endedAt > 0) - (b.endedAt > 0) || b.number - a.number);
  }

  runsInOrder() {
    return [...this.runs.values()].sort((a, b) => (a.endedAt > 0) - (b.endedAt > 0) || b.number - a.number);
  }

  runOf(orderId) {
    for (const run of this.runs.values())
      if (run.endedAt === 0 && list(run.data.orderIds).includes(orderId)) return run;
    return null;
  }

  driverOf(order) {
    return text(order.data.driverId) || text(this.runOf(order.id)?.data.driverId);
  }

  merchantOf(order) {
    const id = text(order.data.merchantId);
    return text(order.data.merchantName) || text(this.merchants.get(id)?.data.name) || id;
  }

  get rate() {
    const recent = this.seconds.slice(-6, -1); // the second under way is not full yet
    return recent.reduce((sum, n) => sum + n, 0) / recent.length;
  }
}
