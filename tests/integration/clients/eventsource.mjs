// The npm `eventsource` client, told what to watch by arguments, telling what it sees as JSON lines.
//   node eventsource.mjs URL [--last-event-id ID]
// {"open":true} {"message":{...},"id":"..."} {"error":403} {"lost":true}; it reconnects by itself, as in a browser.
import { EventSource } from 'eventsource';

const [url, , lastEventId] = process.argv.slice(2);
const say = (line) => console.log(JSON.stringify(line));

// A page that was reloaded has no last event id; one that kept its own hands it over in the first request.
let firstId = lastEventId;
const source = new EventSource(url, {
  fetch: (input, init) => {
    const headers = { ...init.headers, ...(firstId ? { 'Last-Event-ID': firstId } : {}) };
    firstId = undefined;
    return fetch(input, { ...init, headers });
  },
});
source.onopen = () => say({ open: true });
source.onmessage = (event) => say({ message: JSON.parse(event.data), id: event.lastEventId });
source.onerror = (event) => {
  say(event.code ? { error: event.code } : { lost: true });
  if (source.readyState === EventSource.CLOSED) process.exit(0);
};
