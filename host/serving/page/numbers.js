// The numbers at the top: orders by status, messages a second, who is connected.

import { STEPS } from "./board.js";
import { byId, element, reconcile, setAttribute, setText } from "./dom.js";
import { plural } from "./text.js";

const SPARK = { width: 120, height: 32 };

export class Numbers {
  draw(board) {
    this.#drawStatuses(board);
    setText(byId("rate"), board.rate < 10 ? board.rate.toFixed(1) : String(Math.round(board.rate)));
    const most = Math.max(4, ...board.seconds);
    const x = (i) => ((i / (board.seconds.length - 1)) * SPARK.width).toFixed(1);
    const y = (n) => (SPARK.height - 2 - (n / most) * (SPARK.height - 4)).toFixed(1);
    setAttribute(
      byId("spark").firstElementChild,
      "d",
      board.seconds.map((n, i) => `${i ? "L" : "M"}${x(i)} ${y(n)}`).join(""),
    );
  }

  #drawStatuses(board) {
    const counts = new Map(STEPS.slice(0, -1).map((step) => [step, 0]));
    for (const order of board.orders.values())
      if (order.endedAt === 0) counts.set(order.status, (counts.get(order.status) ?? 0) + 1);
    const open = [...counts].filter(([status]) => status !== "");
    setText(byId("under-way"), String(open.reduce((sum, [, n]) => sum + n, 0)));
    const part = () => element("span");
    reconcile(
      byId("stack"),
      open.filter(([, n]) => n > 0),
      ([status]) => status,
      part,
      (node, [status, n]) => {
        setAttribute(node, "data-status", status);
        node.style.flexGrow = n;
      },
    );
    const finished = Object.entries(board.finished).filter(([, n]) => n > 0);
    const shown = [...open.filter(([, n]) => n > 0), ...finished];
    const entry = () => element("li", {}, element("i", { "aria-hidden": "true" }), element("span"));
    reconcile(
      byId("legend"),
      shown,
      ([status]) => status,
      entry,
      (node, [status, n]) => {
        setAttribute(node, "data-status", status);
        setText(node.lastChild, `${n} ${status.replaceAll("_", " ").toLowerCase()}`);
      },
    );
  }

  drawSubscribers(counts) {
    const clients = Number(counts.totalClients) || 0;
    setText(byId("clients"), String(clients));
    setText(byId("clients-label"), clients === 1 ? "client connected" : "clients connected");
    const parts = Object.entries(counts).filter(([prefix, n]) => prefix !== "totalClients" && n > 0);
    setText(
      byId("subscriptions"),
      parts.map(([prefix, n]) => `${n} on ${prefix}`).join(" · ") || plural(0, "subscription"),
    );
  }
}
