// The list of orders, and the order that is tracked: its steps, payment, items, times.

import { STEPS } from "./board.js";
import { byId, element, reconcile, setAttribute, setText, show } from "./dom.js";
import { clockTime, list, money, object, plural, relative, text, time, words } from "./text.js";

const ROWS = 50;
const PICK_STAYS_MS = 20e3;

export class OrderList {
  #rows = byId("order-rows");
  #field = byId("track");
  #onChoose;

  constructor(onChoose) {
    this.#onChoose = onChoose;
    byId("track-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const id = this.#field.value.trim();
      if (id) onChoose(id);
    });
    this.#field.addEventListener("input", () => this.onFilter?.());
  }

  draw(board, trackedId, stream) {
    const wanted = this.#field.value.trim().toLowerCase();
    const all = board.ordersInOrder();
    const fitting = wanted ? all.filter((order) => order.id.toLowerCase().includes(wanted)) : all;
    const rows = fitting.slice(0, ROWS);
    reconcile(
      this.#rows,
      rows,
      (order) => order.id,
      (order) => this.#row(order),
      (node, order) => change(node, order, board, trackedId),
    );
    setText(byId("orders-hint"), hint(all.length, fitting.length, stream));
    setText(
      byId("orders-more"),
      fitting.length > ROWS ? `and ${fitting.length - ROWS} more: type an id to find one` : "",
    );
  }

  #row(order) {
    const button = element(
      "button",
      { type: "button", class: "order" },
      element("span", { class: "id" }, order.id),
      element("span", { class: "chip" }),
      element("span", { class: "what" }),
      element("span", { class: "tiny", "aria-hidden": "true" }),
    );
    button.addEventListener("click", () => this.#onChoose(order.id));
    return element("li", {}, button);
  }
}

function hint(all, fitting, stream) {
  if (all === 0 && stream.follows("orders/all")) return "No orders yet. The first one appears here by itself.";
  if (all === 0 && stream.state.name === "idle") return `Type the id of an order of yours. (${stream.state.reason})`;
  if (all === 0) return stream.state.name === "live" ? "Type the id of an order of yours." : "";
  return fitting === 0 ? "None of these has this in its id. Track looks it up." : "";
}

function change(node, order, board, trackedId) {
  const button = node.firstChild;
  const [, chip, what, tiny] = button.children;
  setAttribute(button, "data-status", order.status);
  setAttribute(button, "aria-pressed", order.id === trackedId);
  setText(chip, words(order.status) || "Unknown");
  const count = list(order.data.items).reduce((sum, item) => sum + (Number(object(item).quantity) || 1), 0);
  const parts = [count ? plural(count, "item") : "", money(order.data.total), board.merchantOf(order)];
  setText(what, parts.filter(Boolean).join(" · "));
  setAttribute(tiny, "data-reached", order.reached);
}

// Which order is tracked: the one that was chosen, or else one that has something to show, for as long as it has.
export class Choice {
  id = "";
  chosen = false;

  choose(id) {
    this.id = id;
    this.chosen = id !== "";
  }

  pick(board, now) {
    if (this.chosen) return;
    const current = board.orders.get(this.id);
    if (current && (current.endedAt === 0 || now - current.endedAt < PICK_STAYS_MS)) return;
    const orders = board.ordersInOrder();
    const onTheRoad = orders.find(
      (order) => order.status === "OUT_FOR_DELIVERY" && board.drivers.has(board.driverOf(order)),
    );
    this.id = (onTheRoad ?? orders[0])?.id ?? "";
  }
}

export class TrackedOrder {
  draw(board, choice, now) {
    const order = board.orders.get(choice.id);
    show(byId("tracked"), Boolean(order));
    if (!order) return;
    setText(byId("tracked-over"), choice.chosen ? "Order you track" : "Order, picked for you");
    setText(byId("tracked-title"), order.id);
    setAttribute(byId("tracked"), "data-status", order.status);
    setText(byId("tracked-status"), words(order.status) || "Unknown");
    setText(byId("tracked-eta"), arrival(order, now));
    this.#drawFailure(order);
    this.#drawSteps(order);
    this.#drawItems(order);
    this.#drawFacts(order, board);
  }

  #drawFailure(order) {
    const lost =
      order.status === "CANCELLED"
        ? "This order was cancelled"
        : order.status === "FAILED"
          ? "The delivery failed"
          : "";
    const reason = text(order.data.reason);
    show(byId("tracked-failure"), lost !== "");
    setText(byId("tracked-failure"), lost && (reason ? `${lost}: ${reason}` : `${lost}.`));
  }

  #drawSteps(order) {
    const lost = order.status === "CANCELLED" || order.status === "FAILED";
    const reached = lost ? Math.max(order.reached, 0) : order.reached;
    const stateOf = (step) =>
      step < reached || reached === STEPS.length - 1 ? "done" : step > reached ? "open" : lost ? "lost" : "now";
    const make = () =>
      element("li", {}, element("span", { class: "dot", "aria-hidden": "true" }), element("span", { class: "name" }));
    reconcile(
      byId("steps"),
      STEPS,
      (step) => step,
      make,
      (node, step) => {
        const state = stateOf(STEPS.indexOf(step));
        setAttribute(node, "data-step", state);
        setAttribute(node, "aria-current", state === "now" ? "step" : null);
        setText(node.lastChild, words(step));
      },
    );
  }

  #drawItems(order) {
    const items = list(order.data.items).map(object);
    show(byId("items-part"), items.length > 0);
    const make = () =>
      element(
        "li",
        {},
        element("span", { class: "count" }),
        element("span", { class: "what" }),
        element("span", { class: "sum" }),
      );
    reconcile(
      byId("items"),
      items.map((item, i) => ({ item, i })),
      ({ i }) => String(i),
      make,
      (node, { item }) => {
        const quantity = Number(item.quantity) || 1;
        setText(node.children[0], `${quantity} ×`);
        setText(node.children[1], text(item.name) || text(item.menuItemId) || "item");
        setText(node.children[2], typeof item.price === "number" ? money(item.price * quantity) : "");
      },
    );
  }

  #drawFacts(order, board) {
    const { data } = order;
    const payment = object(data.payment);
    const run = board.runOf(order.id);
    const facts = [
      ["Total", money(data.total)],
      [
        "Payment",
        text(payment.status) && [words(payment.status), money(payment.amount)].filter(Boolean).join(", "),
        text(payment.status),
      ],
      ["Merchant", board.merchantOf(order)],
      ["Customer", text(data.customerId)],
      ["Deliver to", text(object(data.deliverTo).address)],
      ["Driver", board.driverOf(order)],
      ["Run", run ? run.id : ""],
      ["Note", text(data.note)],
    ].filter(([, value]) => value);
    const make = () => element("div", {}, element("dt"), element("dd"));
    reconcile(
      byId("facts"),
      facts,
      ([name]) => name,
      make,
      (node, [name, value, state]) => {
        setText(node.firstChild, name);
        setText(node.lastChild, value);
        setAttribute(node, "data-payment", state ?? null);
      },
    );
  }
}

function arrival(order, now) {
  const arrived = time(order.data.actualArrival);
  if (arrived !== null) return `arrived ${clockTime(arrived, now)}`;
  if (order.endedAt > 0) return "";
  const eta = time(order.data.eta);
  if (eta !== null) return `expected ${clockTime(eta, now)}, ${relative(eta, now)}`;
  return text(order.data.eta) && `expected ${text(order.data.eta)}`;
}
