// The page: one stream in, a board of what it brought, and the parts that draw it. Drawing is paced by the clock, never by
// messages, so that a thousand messages a second cost no more to draw than four.

import { Api } from "./api.js";
import { Board } from "./board.js";
import { byId, setAttribute, setText, show } from "./dom.js";
import { MerchantList, RunList, WindowPanel } from "./lists.js";
import { MessageLog } from "./log.js";
import { DriverMap } from "./map.js";
import { Numbers } from "./numbers.js";
import { Choice, OrderList, TrackedOrder } from "./orders.js";
import { Stream } from "./stream.js";
import { text } from "./text.js";
import { Token } from "./token.js";

const DRAW_EVERY_MS = 250;
const COUNT_EVERY_S = 5;
const NEWS_STAYS_MS = 6000;

const api = new Api();
const board = new Board();
const stream = new Stream(api, onMessage, onState);
const choice = new Choice();
const token = new Token(start);
const map = new DriverMap();
const log = new MessageLog();
const numbers = new Numbers();
const tracked = new TrackedOrder();
const merchants = new MerchantList();
const windows = new WindowPanel();
const orders = new OrderList(track);
const runs = new RunList((driver) => {
  wide = false;
  chooseDriver(driver === chosenDriver ? "" : driver);
});
orders.onFilter = draw;

let chosenDriver = "";
let wide = false; // all drivers are wanted, although one is followed
let asked = token.order;
let news = { text: "", until: 0 }; // about the connection, for a moment
let drawn = 0;

// ---- the connection

function start() {
  api.token = token.value;
  setText(byId("track-problem"), "");
  stream.open([...token.topics, ...(choice.chosen ? [`orders/${choice.id}`] : [])]);
}

function onMessage(message, raw) {
  const now = Date.now();
  board.hear(message, now);
  log.add(message, raw, now);
  if (message.type === "connected" && message.resumed === true) tell("Live again: resumed, nothing was missed");
  if (message.type === "reset") tell(`Started over: ${text(message.reason) || "the stream could not be resumed"}`);
  if (message.type === "order_update") followWhatBelongsTo(message);
}

// A token that sees its own orders only has one topic for all of them, and one for the driver who brings one.
function followWhatBelongsTo(message) {
  if (stream.follows("orders/all") || token.value === "") return;
  const order = board.orders.get(message.orderId);
  const customer = text(order?.data.customerId);
  if (customer && !stream.follows(`customers/${customer}`)) stream.add(`customers/${customer}`);
  const driver = text(order?.data.driverId);
  if (order?.status === "OUT_FOR_DELIVERY" && driver && !stream.follows("drivers/all")) stream.add(`drivers/${driver}`);
}

function tell(sentence) {
  news = { text: sentence, until: Date.now() + NEWS_STAYS_MS };
  drawConnection();
}

function onState(state) {
  if (state.name === "denied") token.ask(state.reason);
  else if (state.name !== "connecting") token.accepted();
  if (state.name === "live" || state.name === "idle") showAsked();
  if (state.name === "live") countSubscribers();
  board.changed = true;
  drawConnection();
}

function drawConnection() {
  const { state } = stream;
  const troubles = [...board.troubles].map(([topic, reason]) => [topic, reason].filter(Boolean).join(": "));
  const telling = state.name === "live" && Date.now() < news.until;
  const degraded = state.name === "live" && !telling && troubles.length > 0;
  setAttribute(byId("connection"), "data-state", degraded ? "degraded" : state.name);
  setText(byId("connection-text"), telling ? news.text : degraded ? `Degraded: ${troubles.join("; ")}` : state.text);
  const seconds = Math.max(0, Math.ceil((state.at - Date.now()) / 1000));
  setText(byId("connection-wait"), state.name === "reconnecting" && seconds > 0 ? `in ${seconds} s` : "");
  show(byId("retry"), state.name === "reconnecting" && state.at > 0);
}

function countSubscribers() {
  api.subscribers().then(
    (counts) => numbers.drawSubscribers(counts),
    () => {},
  ); // the stream tells of what is wrong
}

// ---- choosing

// The order that the address names, once it can be looked up; a stream of all orders brings it by itself.
function showAsked() {
  if (asked && !stream.follows("orders/all")) track(asked);
  asked = "";
}

async function track(id) {
  setText(byId("track-problem"), "");
  const listed = stream.follows("orders/all") || board.orders.has(id);
  if (!board.orders.has(id)) {
    try {
      const value = await api.topic(`orders/${id}`);
      board.hear(value, Date.now());
      followWhatBelongsTo(value);
    } catch (refusal) {
      return setText(byId("track-problem"), refusal.message);
    }
  }
  choice.choose(id);
  chosenDriver = "";
  wide = false;
  if (!listed) stream.add(`orders/${id}`);
  token.remember({ order: id });
  draw();
}

function chooseDriver(driver) {
  chosenDriver = driver;
  draw();
}

// ---- drawing

function follow() {
  const order = board.orders.get(choice.id);
  const onTheRoad = order?.status === "OUT_FOR_DELIVERY" ? board.driverOf(order) : "";
  const driver = chosenDriver || onTheRoad;
  const close = driver !== "" && !wide && (chosenDriver !== "" || choice.chosen);
  return { driver, close, order: driver !== "" && driver === onTheRoad ? choice.id : "", tracked: order ?? null };
}

function draw() {
  const now = Date.now();
  drawn = performance.now();
  board.changed = false;
  choice.pick(board, now);
  const followed = follow();
  const has = (prefix) => stream.topics.some((topic) => topic.startsWith(`${prefix}/`));
  const onMap = has("drivers") || board.drivers.size > 0;
  show(byId("map-part"), onMap);
  show(byId("runs-part"), has("runs"));
  show(byId("merchants-part"), has("merchants"));
  show(byId("windows-part"), has("windows"));
  show(byId("map-all"), followed.close);
  setAttribute(byId("main"), "data-side", ["runs", "merchants", "windows"].some(has) ? "some" : "none");
  orders.draw(board, choice.id, stream);
  tracked.draw(board, choice, now);
  if (onMap) map.update(board, followed, now);
  if (has("runs")) runs.draw(board, followed.driver, now);
  if (has("merchants")) merchants.draw(board, now);
  if (has("windows")) windows.draw(board, now);
  numbers.draw(board);
  log.draw();
}

function frame(now) {
  if (board.changed && now - drawn >= DRAW_EVERY_MS) draw();
  map.frame(now);
  requestAnimationFrame(frame);
}

let seconds = 0;
function tick() {
  board.tick(Date.now(), choice.id);
  drawConnection();
  if (++seconds % COUNT_EVERY_S === 0 && stream.state.name === "live" && !document.hidden) countSubscribers();
}

byId("retry").addEventListener("click", () => stream.retryNow());
byId("map-all").addEventListener("click", () => {
  wide = true;
  chooseDriver("");
});
addEventListener("online", () => stream.retryNow());
addEventListener("hashchange", () => {
  if (token.readAddress()) start();
  if (token.order && token.order !== choice.id) track(token.order);
});

if (asked) choice.choose(asked);
start();
setInterval(tick, 1000);
requestAnimationFrame(frame);
