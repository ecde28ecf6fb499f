// The access token: from the address (#token=..., or ?token=...), from the field, or from this tab's storage. It leaves the
// address at once, so that it stays out of the history and of what is copied from there. What else the address names, an
// order and topics, stays.

import { byId, setAttribute, setText, show } from "./dom.js";

const KEY = "statecast.token";
const TOPICS = 10;

export class Token {
  value = "";
  order = ""; // named by the address: #order=o-1
  topics = []; // named by the address, to be followed beside the usual ones: #topic=windows/hourly

  #onChange;
  #section = byId("access");
  #field = byId("token");
  #toggle = byId("access-toggle");

  constructor(onChange) {
    this.#onChange = onChange;
    this.value = stored();
    this.readAddress();
    byId("access-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#use(this.#field.value.trim());
    });
    byId("forget").addEventListener("click", () => this.#use(""));
    this.#toggle.addEventListener("click", () => this.#show(this.#section.hidden));
  }

  // True when the address named another token.
  readAddress() {
    const fragment = new URLSearchParams(location.hash.slice(1));
    const query = new URLSearchParams(location.search);
    const named = fragment.get("token") ?? query.get("token");
    this.order = fragment.get("order") ?? query.get("order") ?? this.order;
    this.topics = fragment.getAll("topic").slice(0, TOPICS);
    if (named === null) return false;
    fragment.delete("token");
    query.delete("token");
    this.#rewrite(query, fragment);
    const changed = named !== this.value;
    this.#keep(named);
    return changed;
  }

  // Puts what may be shared into the address: which order is shown.
  remember({ order }) {
    const fragment = new URLSearchParams(location.hash.slice(1));
    fragment.set("order", order);
    this.#rewrite(new URLSearchParams(location.search), fragment);
  }

  // Shows why access was denied, and the field for another token.
  ask(reason) {
    setText(byId("access-reason"), reason);
    this.#show(true);
  }

  accepted() {
    if (byId("access-reason").textContent === "") return;
    setText(byId("access-reason"), "");
    this.#show(false);
  }

  #use(value) {
    this.#field.value = "";
    this.#keep(value);
    this.#show(false);
    this.#onChange();
  }

  #keep(value) {
    this.value = value;
    try {
      sessionStorage.setItem(KEY, value);
    } catch {
      // Storage may be forbidden; the token then lives as long as the page.
    }
  }

  #rewrite(query, fragment) {
    const [search, hash] = [query.toString(), fragment.toString()];
    history.replaceState(null, "", location.pathname + (search && `?${search}`) + (hash && `#${hash}`));
  }

  #show(shown) {
    show(this.#section, shown);
    setAttribute(this.#toggle, "aria-expanded", shown);
    if (shown) this.#field.focus();
  }
}

function stored() {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}
