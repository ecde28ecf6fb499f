"""The Python `websockets` client: sends each line of its standard input, and tells what it sees as JSON lines.

    python3 websockets_client.py URL

{"open":true} {"message":{...}} {"error":403} {"closed":1001}
"""

import asyncio
import json
import sys

import websockets


def say(line):
    print(json.dumps(line), flush=True)


async def send_lines(socket):
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        await socket.send(line.decode())


async def main(url):
    try:
        async with websockets.connect(url) as socket:
            say({"open": True})
            sender = asyncio.create_task(send_lines(socket))
            try:
                while True:
                    say({"message": json.loads(await socket.recv())})
            except websockets.ConnectionClosed as closed:
                say({"closed": closed.code})
            sender.cancel()
    except websockets.InvalidStatusCode as refused:
        say({"error": refused.status_code})


asyncio.run(main(sys.argv[1]))
