// The npm `ws` client: sends each line of its standard input, and tells what it sees as JSON lines.
//   node ws.mjs URL
// {"open":true} {"message":{...}} {"error":403} {"closed":1001}
import { createInterface } from 'node:readline';
import WebSocket from 'ws';

const socket = new WebSocket(process.argv[2]);
const say = (line) => console.log(JSON.stringify(line));

socket.on('open', () => {
  say({ open: true });
  createInterface({ input: process.stdin }).on('line', (line) => socket.send(line));
});
socket.on('message', (data) => say({ message: JSON.parse(data.toString()) }));
socket.on('unexpected-response', (_, response) => {
  say({ error: response.statusCode });
  process.exit(0);
});
socket.on('error', (error) => say({ failed: error.message }));
socket.on('close', (code) => {
  say({ closed: code });
  process.exit(0);
});
