// Drivers, stops and merchants on a plane that is drawn from their positions alone. Drivers glide from one position to the next.

import { Camera } from "./camera.js";
import { byId, setAttribute, setText, svg } from "./dom.js";
import { finite, list, object, text } from "./text.js";

const DRAWN = 300; // drivers, and places
const LABELLED = 30; // drivers that have their name beside them
const TRAIL = 14; // positions
const JUMP_M = 5000; // farther than this is no movement
const SCALE_PX = 90; // the scale's line is at most so long
const DONE = new Set(["COMPLETED", "DELIVERED", "DONE", "SKIPPED"]);
const still = matchMedia("(prefers-reduced-motion: reduce)");

export class DriverMap {
  #root = byId("map");
  #svg = svg("svg", { role: "img", "aria-label": "Drivers" });
  #streets = svg("path", { class: "street" });
  #avenues = svg("path", { class: "avenue" });
  #route = svg("path", { class: "route" });
  #trails = svg("g");
  #places = svg("g");
  #drivers = svg("g");
  #scale = svg("g", { class: "scale" }, svg("path"), svg("text"));
  #camera = new Camera();
  #marks = new Map(); // drivers
  #placeMarks = new Map();
  #goal = null; // where the followed driver is going
  #followed = "";
  #close = false; // whether the view keeps to the followed driver
  #movingUntil = 0;
  #lastFrame = 0;

  constructor() {
    this.#svg.append(this.#streets, this.#avenues, this.#route, this.#trails, this.#places, this.#drivers, this.#scale);
    this.#root.append(this.#svg);
    new ResizeObserver(([entry]) => this.#resize(entry.contentRect)).observe(this.#root);
  }

  #resize({ width, height }) {
    this.#camera.resize(width, height);
    setAttribute(this.#svg, "viewBox", `0 0 ${width} ${height}`);
    setAttribute(this.#scale, "transform", `translate(${width - 16} ${height - 14})`);
    this.#fit(true);
    this.#wake(performance.now());
  }

  // ---- what there is. `follow` says which driver is followed, whether the view keeps close to it, which order it
  // brings ("" when it is another), and which order is tracked.
  update(board, follow, now) {
    const drivers = [...board.drivers.values()].slice(-DRAWN);
    const shown = new Map(drivers.map((driver) => [driver.id, driver]));
    if (follow.driver && board.drivers.has(follow.driver)) shown.set(follow.driver, board.drivers.get(follow.driver));
    this.#dropMissing(this.#marks, shown);
    for (const driver of shown.values())
      this.#place(driver, board.isStale(driver, now), shown.size <= LABELLED, follow);
    this.#updatePlaces(board, follow);
    const changed = this.#followed !== follow.driver || this.#close !== follow.close;
    this.#followed = follow.driver;
    this.#close = follow.close;
    this.#fit(changed);
    this.#describe(board, drivers, now);
  }

  #place(driver, stale, labelled, follow) {
    const to = this.#camera.project(driver.location);
    let mark = this.#marks.get(driver.id);
    if (!mark) this.#marks.set(driver.id, (mark = this.#makeMark(driver, to)));
    if (mark.heard !== driver.heard) this.#glide(mark, driver, to);
    const followed = driver.id === follow.driver;
    setAttribute(mark.node, "class", ["driver", stale && "stale", followed && "followed"].filter(Boolean).join(" "));
    setText(mark.label, labelled || followed ? driver.id : "");
    mark.stale = stale;
    if (followed && mark.node.nextSibling) this.#drivers.append(mark.node); // above the others
  }

  #makeMark(driver, at) {
    const arrow = svg("path", { class: "arrow", d: "M0-10 7 8 0 4.5-7 8Z" });
    const label = svg("text", { x: 12, y: 4 });
    const node = svg("g", { class: "driver", "data-driver": driver.id }, svg("circle", { r: 15 }), arrow, label);
    const trail = svg("path", { class: "trail" });
    this.#drivers.append(node);
    this.#trails.append(trail);
    const from = { ...at, heading: finite(driver.location.heading) ?? 0 };
    return {
      node,
      trail,
      extra: trail,
      arrow,
      label,
      from,
      to: from,
      start: 0,
      lasts: 0,
      every: 1000,
      heard: 0,
      path: [at],
    };
  }

  // From where it is drawn now to where it is, in about the time after which the next position will come.
  #glide(mark, driver, to) {
    const now = performance.now();
    const from = this.#at(mark, now);
    const distance = Math.hypot(to.x - from.x, to.y - from.y);
    if (mark.heard) mark.every = Math.min(6000, Math.max(150, 0.6 * mark.every + 0.4 * (driver.heard - mark.heard)));
    const jumps = still.matches || !mark.heard || distance > JUMP_M;
    if (distance > JUMP_M) mark.path = [];
    const moved = Math.atan2(to.x - from.x, from.y - to.y) * (180 / Math.PI);
    const heading = finite(driver.location.heading) ?? (distance > 1 ? moved : from.heading);
    const turn = ((((heading - from.heading) % 360) + 540) % 360) - 180; // the short way round
    Object.assign(mark, {
      from,
      to: { ...to, heading: from.heading + turn },
      start: now,
      lasts: jumps ? 0 : mark.every * 1.15,
      heard: driver.heard,
    });
    mark.path = [...mark.path, to].slice(-TRAIL);
    this.#wake(now + mark.lasts);
  }

  #at(mark, now) {
    const t = mark.lasts > 0 ? Math.min(1, (now - mark.start) / mark.lasts) : 1;
    const between = (name) => mark.from[name] + (mark.to[name] - mark.from[name]) * t;
    return { x: between("x"), y: between("y"), heading: between("heading") };
  }

  // Where runs stop, merchants are, and the tracked order goes.
  #updatePlaces(board, follow) {
    const places = new Map();
    this.#goal = null;
    for (const { id, data } of board.merchants.values()) {
      const tracked = text(follow.tracked?.data.merchantId) === id;
      this.#note(places, `merchant ${id}`, data, "merchant", tracked ? board.merchantOf(follow.tracked) : "");
    }
    for (const run of board.runs.values()) if (run.endedAt === 0) this.#noteStops(places, run, follow);
    this.#noteDestination(places, follow);
    this.#dropMissing(this.#placeMarks, places);
    for (const [key, place] of places) this.#markPlace(key, place);
    this.#wake(performance.now());
  }

  #noteStops(places, run, follow) {
    const followed = follow.driver !== "" && text(run.data.driverId) === follow.driver;
    for (const [i, stop] of list(run.data.stops).map(object).entries()) {
      const order = text(stop.orderId);
      const done = DONE.has(text(stop.status));
      const tracked = order !== "" && order === follow.tracked?.id;
      const kind = tracked ? "tracked" : done ? "done" : followed ? "ahead" : "";
      const at = this.#note(places, `stop ${run.id} ${i}`, stop, kind, tracked ? order : "");
      const isGoal = tracked || (!this.#goal && !follow.order);
      if (followed && !done && isGoal) this.#goal = at;
    }
  }

  // Who sees no runs still knows where its own order goes.
  #noteDestination(places, { tracked, order }) {
    if (!tracked || tracked.endedAt > 0 || [...places.values()].some((place) => place.kind === "tracked")) return;
    const at = this.#note(places, `order ${tracked.id}`, object(tracked.data.deliverTo), "tracked", tracked.id);
    if (order === tracked.id) this.#goal = at;
  }

  // Where the place is, or null when that cannot be told.
  #note(places, key, position, kind, label) {
    if (places.size >= DRAWN || finite(position.latitude) === null || finite(position.longitude) === null) return null;
    const at = this.#camera.project(position);
    places.set(key, { at, kind, label });
    return at;
  }

  #markPlace(key, place) {
    let mark = this.#placeMarks.get(key);
    if (!mark) {
      const shape =
        place.kind === "merchant"
          ? svg("rect", { x: -5, y: -5, width: 10, height: 10, rx: 3 })
          : svg("circle", { r: 5 });
      const label = svg("text", { x: 11, y: 4 });
      mark = { node: svg("g", {}, shape, label), label };
      this.#places.append(mark.node);
      this.#placeMarks.set(key, mark);
    }
    mark.at = place.at;
    setAttribute(mark.node, "class", `place ${place.kind}`);
    setText(mark.label, place.label);
  }

  #dropMissing(marks, present) {
    for (const [key, mark] of marks) {
      if (present.has(key)) continue;
      mark.node.remove();
      mark.extra?.remove();
      marks.delete(key);
    }
  }

  #describe(board, drivers, now) {
    const stale = drivers.filter((driver) => board.isStale(driver, now)).length;
    const what =
      drivers.length === 0
        ? "no positions yet"
        : `${board.drivers.size} on the map${stale ? `, ${stale} out of date` : ""}`;
    setText(byId("map-note"), what);
    setAttribute(this.#svg, "aria-label", `Map of drivers: ${what}`);
    setAttribute(this.#scale, "display", drivers.length > 0 ? null : "none");
  }

  // ---- the view

  #fit(anyway) {
    if (this.#camera.fit(this.#pointsToShow(), anyway)) this.#wake(performance.now());
  }

  #pointsToShow() {
    const followed = this.#marks.get(this.#followed);
    if (followed && this.#close) return [followed.to, ...(this.#goal ? [this.#goal] : [])];
    const live = [...this.#marks.values()].filter((mark) => !mark.stale);
    const marks = live.length > 0 ? live : [...this.#marks.values()];
    return [...marks.map((mark) => mark.to), ...[...this.#placeMarks.values()].map((mark) => mark.at)];
  }

  #wake(until) {
    this.#movingUntil = Math.max(this.#movingUntil, until + 50);
  }

  // One frame. Costs nothing while nothing moves.
  frame(now) {
    const elapsed = Math.min(100, now - this.#lastFrame);
    this.#lastFrame = now;
    if (!this.#camera.ready) return;
    const moved = this.#camera.approach(elapsed, still.matches);
    if (!moved && now > this.#movingUntil) return;
    const { streets, avenues } = this.#camera.streets();
    setAttribute(this.#streets, "d", streets);
    setAttribute(this.#avenues, "d", avenues);
    for (const mark of this.#marks.values()) this.#drawMark(mark, now);
    for (const mark of this.#placeMarks.values())
      setAttribute(mark.node, "transform", `translate(${this.#camera.pixels(mark.at)})`);
    this.#drawRoute(now);
    this.#drawScale();
  }

  #drawMark(mark, now) {
    const at = this.#at(mark, now);
    setAttribute(mark.node, "transform", `translate(${this.#camera.pixels(at)})`);
    setAttribute(mark.arrow, "transform", `rotate(${at.heading.toFixed(0)})`);
    const points = [...mark.path.slice(0, -1), at].map((point) => this.#camera.pixels(point));
    setAttribute(mark.trail, "d", mark.stale || points.length < 2 ? "" : `M${points.join("L")}`);
  }

  #drawRoute(now) {
    const followed = this.#marks.get(this.#followed);
    const path =
      followed && this.#goal
        ? `M${this.#camera.pixels(this.#at(followed, now))}L${this.#camera.pixels(this.#goal)}`
        : "";
    setAttribute(this.#route, "d", path);
  }

  #drawScale() {
    const [line, label] = this.#scale.children;
    const metres = this.#camera.roundLength(SCALE_PX);
    setAttribute(line, "d", `M${(-metres * this.#camera.scale).toFixed(1)}-5v5H0v-5`);
    setText(label, metres >= 1000 ? `${metres / 1000} km` : `${metres} m`);
  }
}
