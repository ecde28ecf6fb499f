// The one connection of the page: finds out which topics this token may have, opens an EventSource on them, and keeps at
// it. A connection that breaks is the browser's to resume (Last-Event-ID); one that is refused is ours to try again.
//
// It reports a state: {name, text, at, reason} where name is connecting, live, reconnecting, idle (there is no topic that
// this token may follow) or denied; at is when it will try again, in milliseconds; reason is the host's sentence.

// Windows have the name of the state's instance, for which its prefix is the natural choice, or any other.
const USUAL = ["orders/all", "runs/all", "drivers/all", "merchants/all", "windows/windows"];
const SECOND_CHOICE = new Map([["windows/windows", "windows/all"]]);
const MOST_MORE = 10;
const LONGEST_WAIT_S = 30;
const LOOK_AGAIN_MS = 30e3;

// What orders/all brings need not be followed once more.
function isCovered(topic, allowed) {
  const prefix = topic.split("/")[0];
  return !USUAL.includes(topic) && allowed.includes(`${prefix === "customers" ? "orders" : prefix}/all`);
}

export class Stream {
  topics = [];
  state = { name: "connecting", text: "Connecting", at: 0, reason: "" };

  #api;
  #onMessage;
  #onState;
  #source = null;
  #more = [];
  #ended = new Set();
  #cursor = "";
  #returns = 0;
  #attempts = 0;
  #timer = 0;
  #turn = 0; // what was begun in an earlier turn has no say any more

  constructor(api, onMessage, onState) {
    this.#api = api;
    this.#onMessage = onMessage;
    this.#onState = onState;
  }

  // Starts over with the token that the API has now, and with topics beside the usual ones.
  open(more = []) {
    this.#more = more;
    this.#ended.clear();
    this.#attempts = 0;
    this.#connect();
  }

  // Follows one topic more, unless it does already.
  add(topic) {
    const again = this.#ended.delete(topic);
    if (!again && (this.#more.includes(topic) || this.topics.includes(topic))) return;
    this.#more = [...this.#more.filter((other) => other !== topic).slice(1 - MOST_MORE), topic];
    this.#connect();
  }

  follows(topic) {
    return this.topics.includes(topic);
  }

  retryNow() {
    if (this.state.name === "reconnecting") this.#connect();
  }

  async #connect() {
    const turn = this.#begin();
    if (this.state.name !== "live") this.#say("connecting", "Connecting");
    let found;
    try {
      found = await this.#discover();
    } catch (refusal) {
      if (turn === this.#turn) this.#refused(refusal);
      return;
    }
    if (turn !== this.#turn) return;
    if (found.topics.join() !== this.topics.join()) this.#cursor = "";
    this.topics = found.topics;
    if (found.later.length > 0) this.#lookAgain(found.later, turn);
    if (found.topics.length > 0) this.#listen();
    else if (found.later.length > 0) this.#wait("The states of this host do not answer", 0);
    else this.#say("idle", "Connected, nothing to follow yet", 0, found.reason);
  }

  #begin() {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#timer);
    return ++this.#turn;
  }

  async #discover() {
    const served = await this.#api.subscribers();
    const isServed = (topic) => Object.hasOwn(served, topic.split("/")[0]) && !this.#ended.has(topic);
    const wanted = [...new Set([...USUAL, ...this.#more])].filter(isServed);
    const verdicts = await Promise.all(wanted.map((topic) => this.#verdict(topic)));
    const allowed = verdicts.filter(({ status }) => status < 300).map(({ topic }) => topic);
    const topics = allowed.filter((topic) => !isCovered(topic, allowed));
    const later = verdicts.filter(({ status }) => status >= 500).map(({ topic }) => topic);
    const reason = topics.length + later.length > 0 ? "" : await this.#reasonFor(wanted[0]);
    return { topics, later, reason };
  }

  async #verdict(topic) {
    const status = await this.#api.verdict(topic);
    const second = SECOND_CHOICE.get(topic);
    return status === 403 && second ? { topic: second, status: await this.#api.verdict(second) } : { topic, status };
  }

  async #reasonFor(topic) {
    if (!topic) return "Nothing is streamed here that this page knows.";
    return this.#api.topic(topic).then(
      () => "No transport of this host streams to this page.",
      (refusal) => refusal.message,
    );
  }

  // One state that is out of order does not keep the others from being followed.
  #lookAgain(topics, turn) {
    setTimeout(async () => {
      const verdicts = await Promise.all(topics.map((topic) => this.#api.verdict(topic))).catch(() => []);
      if (turn !== this.#turn) return;
      if (verdicts.some((status) => status < 300)) this.#connect();
      else this.#lookAgain(topics, turn);
    }, LOOK_AGAIN_MS);
  }

  #listen() {
    const source = new EventSource(this.#api.streamUrl(this.topics, this.#cursor));
    this.#source = source;
    source.onmessage = (event) => source === this.#source && this.#heard(event);
    source.onerror = () => source === this.#source && this.#lost(source);
  }

  #heard(event) {
    if (event.lastEventId) this.#cursor = event.lastEventId;
    let message = null;
    try {
      message = JSON.parse(event.data);
    } catch {
      message = { type: "unreadable" };
    }
    if (message === null || typeof message !== "object") message = { type: "unreadable" };
    if (message.type === "connected") this.#connected();
    if (message.type === "closing") this.#returns = Date.now() + (Number(message.retry) || 0);
    if (message.type === "ended") this.#ended.add(message.topic);
    this.#onMessage(message, event.data);
  }

  #connected() {
    this.#attempts = 0;
    this.#returns = 0;
    this.#say("live", "Live");
  }

  #lost(source) {
    if (source.readyState === EventSource.CLOSED) return this.#wait("The stream was closed", 0);
    this.#say("reconnecting", "Connection lost, reconnecting", this.#returns);
  }

  #refused(refusal) {
    if (refusal.status === 401 || refusal.status === 403)
      return this.#say("denied", "Access denied", 0, refusal.message);
    this.#wait(refusal.message.replace(/\.$/, ""), refusal.retryAfter);
  }

  #wait(text, least) {
    const turn = this.#begin();
    const seconds = Math.min(LONGEST_WAIT_S, 2 ** this.#attempts++) * (0.8 + 0.4 * Math.random());
    const ms = 1000 * Math.max(least, seconds);
    this.#timer = setTimeout(() => turn === this.#turn && this.#connect(), ms);
    this.#say("reconnecting", `${text}, reconnecting`, Date.now() + ms);
  }

  #say(name, text, at = 0, reason = "") {
    this.state = { name, text, at, reason };
    this.#onState(this.state);
  }
}
