// Runs with their progress, merchants with what they sell, and the last result of each window.

import { byId, element, reconcile, setAttribute, setText, show } from "./dom.js";
import { clockTime, finite, list, money, object, plural, relative, text, time, words } from "./text.js";

const ROWS = 30;
const MENU = 40;

// ---- runs

export class RunList {
  #onChoose;

  constructor(onChoose) {
    this.#onChoose = onChoose;
  }

  draw(board, chosenDriver, now) {
    const runs = board.runsInOrder();
    setText(
      byId("runs-hint"),
      runs.length === 0 ? "No run is under way." : runs.length > ROWS ? `the newest ${ROWS} of ${runs.length}` : "",
    );
    reconcile(
      byId("run-rows"),
      runs.slice(0, ROWS),
      (run) => run.id,
      (run) => this.#row(run),
      (node, run) => changeRun(node, run, chosenDriver, now),
    );
  }

  #row(run) {
    const button = element(
      "button",
      { type: "button", class: "run" },
      element("span", { class: "id" }, run.id),
      element("span", { class: "chip" }),
      element("progress", { "aria-label": `Stops of run ${run.id}` }),
      element("span", { class: "what" }),
    );
    button.addEventListener("click", () => this.#onChoose(button.dataset.driver ?? ""));
    return element("li", {}, button);
  }
}

function changeRun(node, run, chosenDriver, now) {
  const button = node.firstChild;
  const [, chip, progress, what] = button.children;
  const driver = text(run.data.driverId);
  const done = finite(run.data.completedStops) ?? 0;
  const total = finite(run.data.totalStops) ?? list(run.data.stops).length;
  setAttribute(button, "data-driver", driver);
  setAttribute(button, "data-status", run.status);
  setAttribute(button, "aria-pressed", driver !== "" && driver === chosenDriver);
  setText(chip, words(run.status) || "Unknown");
  setAttribute(progress, "max", Math.max(total, 1));
  setAttribute(progress, "value", Math.min(done, Math.max(total, 1)));
  const eta = time(run.data.eta);
  const parts = [
    `${done} of ${plural(total, "stop")}`,
    driver,
    eta !== null && run.endedAt === 0 ? `done ${relative(eta, now)}` : "",
  ];
  setText(what, parts.filter(Boolean).join(" · "));
}

// ---- merchants

export class MerchantList {
  draw(board, now) {
    const merchants = [...board.merchants.values()].sort((a, b) =>
      a.id.localeCompare(b.id, undefined, { numeric: true }),
    );
    setText(
      byId("merchants-hint"),
      merchants.length === 0
        ? "No merchant has been heard of yet."
        : merchants.length > ROWS
          ? `${ROWS} of ${merchants.length}`
          : "",
    );
    reconcile(
      byId("merchant-rows"),
      merchants.slice(0, ROWS),
      (merchant) => merchant.id,
      makeMerchant,
      (node, merchant) => changeMerchant(node, merchant, now),
    );
  }
}

function makeMerchant() {
  return element(
    "li",
    {},
    element(
      "details",
      { class: "merchant" },
      element(
        "summary",
        {},
        element("span", { class: "name" }),
        element("span", { class: "chip" }),
        element("span", { class: "what" }),
      ),
      element("ul", { class: "promotions" }),
      element("ul", { class: "items" }),
    ),
  );
}

function changeMerchant(node, merchant, now) {
  const [summary, promotions, items] = node.firstChild.children;
  const [name, chip, what] = summary.children;
  const { data } = merchant;
  setText(name, text(data.name) || merchant.id);
  const menu = list(data.items).map(object);
  const running = list(data.promotions)
    .map(object)
    .filter((one) => (time(one.endsAt) ?? Infinity) > now);
  const state = data.open === true ? "open" : data.open === false ? "closed" : "";
  setAttribute(chip, "data-open", state || null);
  setText(chip, words(state));
  show(chip, state !== "");
  setText(
    what,
    [
      text(data.name) && merchant.id,
      until(data, now),
      menu.length ? plural(menu.length, "item") : "",
      running.length ? plural(running.length, "promotion") : "",
    ]
      .filter(Boolean)
      .join(" · "),
  );
  reconcile(
    promotions,
    running.slice(0, MENU).map((one, i) => ({ one, i })),
    ({ one, i }) => text(one.promotionId) || String(i),
    () => element("li"),
    (entry, { one }) => setText(entry, promotion(one, now)),
  );
  reconcile(
    items,
    menu.slice(0, MENU).map((item, i) => ({ item, i })),
    ({ item, i }) => text(item.menuItemId) || String(i),
    () => element("li", {}, element("span", { class: "what" }), element("span", { class: "sum" })),
    changeItem,
  );
}

function until(data, now) {
  const end = time(data.until);
  if (end === null) return text(data.until) && `until ${text(data.until)}`;
  return end > now ? `until ${clockTime(end, now)}` : "";
}

function promotion(one, now) {
  const end = time(one.endsAt);
  return `${text(one.title) || "Promotion"}${end === null ? "" : `, until ${clockTime(end, now)}`}`;
}

function changeItem(node, { item }) {
  setAttribute(node, "data-available", item.available !== false);
  setText(node.firstChild, text(item.name) || text(item.menuItemId) || "item");
  setText(node.lastChild, item.available === false ? "sold out" : money(item.price));
}

// ---- windows

export class WindowPanel {
  draw(board, now) {
    const last = [...board.windows.values()].at(-1);
    if (!last) return setText(byId("window-hint"), "The first result comes when a window closes.");
    const { data } = last;
    const [from, to] = [time(data.window_start), time(data.window_end)];
    const span = from !== null && to !== null ? `${clockTime(from, now)} to ${clockTime(to, now)}` : "";
    setText(byId("window-hint"), [plural(finite(data.total_events) ?? 0, "event"), span].filter(Boolean).join(" · "));
    const types = Object.entries(object(data.event_types))
      .filter(([, n]) => finite(n) !== null)
      .sort(([, a], [, b]) => b - a)
      .slice(0, 10);
    const most = Math.max(1, ...types.map(([, n]) => n));
    const make = () =>
      element("li", {}, element("span", { class: "what" }), element("progress"), element("span", { class: "sum" }));
    reconcile(
      byId("window-bars"),
      types,
      ([name]) => name,
      make,
      (node, [name, n]) => {
        setText(node.children[0], name);
        setAttribute(node.children[1], "max", most);
        setAttribute(node.children[1], "value", n);
        setAttribute(node.children[1], "aria-label", name);
        setText(node.children[2], String(n));
      },
    );
  }
}
