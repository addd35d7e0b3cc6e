#!/usr/bin/env python3
"""COUNT requests at a steady RATE per second, whatever becomes of the earlier ones, every other one on a connection of its own and the rest on
connections that are kept: `steady_load.py HOST PORT COUNT RATE [--names NAME,RATE] [--streams HOST:PORT] [--patience SECONDS]`. Nothing is ever
tried again. Besides, names looked up by getaddrinfo as getent does, and a TCP stream that is opened anew whenever it is cut.

Prints `started`, and at the end one line of JSON: what failed, why the first few did, from when to when (seconds of CLOCK_MONOTONIC), the slowest.
"""
import argparse, asyncio, collections, json, resource, socket, time
from concurrent.futures import ThreadPoolExecutor


class Tally:
    """Outcomes of one kind of work."""

    def __init__(self):
        self.done, self.failed, self.why, self.first, self.last, self.slowest = 0, 0, [], None, None, 0.0

    async def of(self, what, work, fresh=True):
        """A failure of what is not fresh, a connection that was kept, may come long after its cause: it counts, and says nothing of how long it lasted."""
        began = time.monotonic()
        try:
            await asyncio.wait_for(work, args.patience)
        except Exception as e:
            self.failed += 1
            self.why.append(f'{what} at {began - start:.2f} s, after {time.monotonic() - began:.2f} s: {type(e).__name__} {e}')
            if fresh:
                self.first = min(self.first or began, began)
                self.last = max(self.last or began, began)
        self.done += 1
        self.slowest = max(self.slowest, time.monotonic() - began)

    def told(self):
        gap = round(self.last - self.first, 2) if self.first else 0
        return {'done': self.done, 'failed': self.failed, 'why': self.why[:5], 'gap': gap, 'slowest': round(self.slowest, 2)}


class Client:
    """HTTP/1.1 on both kinds of connections."""

    def __init__(self, host, address, port):
        self.host, self.address, self.port = host, address, port
        self.idle = collections.deque()
        self.opened = 0

    async def ask(self, number):
        keep = number % 2
        reader, writer = await self.connection(keep)
        close = '' if keep else 'Connection: close\r\n'
        writer.write(f'GET /{number} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n{close}\r\n'.encode())
        head = (await reader.readuntil(b'\r\n\r\n')).decode('latin1').lower()
        length = next((int(l.split(':')[1]) for l in head.split('\r\n') if l.startswith('content-length:')), None)
        body = await (reader.readexactly(length) if length is not None else reader.read(-1))
        if not head.startswith('http/1.1 200') or f'GET /{number} '.encode() not in body:
            raise RuntimeError(f'{head[:200]!r} {body[:100]!r}')
        if keep and '\r\nconnection: close' not in head:
            self.idle.append((reader, writer))
        else:
            writer.close()

    async def connection(self, keep):
        while keep and self.idle:
            reader, writer = self.idle.popleft()
            if not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        self.opened += 1
        return await asyncio.open_connection(self.address, self.port)


async def paced(count, rate, work):
    began, tasks = time.monotonic(), []
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        tasks.append(asyncio.create_task(work(number)))
    await asyncio.gather(*tasks)


async def stream(host, port, lives):
    """A word each 100 ms, and its echo; how long each connection lived, the last one until it is cancelled."""
    while True:
        opened = time.monotonic()
        try:
            reader, writer = await asyncio.open_connection(host, port)
            await reader.readline()
            opened = time.monotonic()
            while True:
                writer.write(b'word')
                await reader.readexactly(4)
                await asyncio.sleep(0.1)
        except (OSError, EOFError):
            lives.append([round(opened, 2), round(time.monotonic(), 2)])
            await asyncio.sleep(0.05)


async def main():
    global start
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(64))
    address = (await loop.getaddrinfo(args.host, args.port, family=socket.AF_INET, type=socket.SOCK_STREAM))[0][4][0]
    client, requests, names, lives = Client(args.host, address, args.port), Tally(), Tally(), []
    start = time.monotonic()
    print('started', flush=True)
    work = [paced(args.count, args.rate, lambda n: requests.of(f'request {n}', client.ask(n), fresh=n % 2 == 0))]
    if args.names:
        name, rate = args.names.split(',')
        work.append(paced(int(args.count / args.rate * float(rate)), float(rate),
                          lambda n: names.of(f'lookup {n}', loop.getaddrinfo(name, 80, family=socket.AF_INET, type=socket.SOCK_STREAM))))
    streams = [asyncio.create_task(stream(*s.rsplit(':', 1), lives)) for s in args.streams]
    await asyncio.gather(*work)
    for s in streams:
        s.cancel()
    print(json.dumps({'requests': requests.told(), 'connections': client.opened, 'names': names.told(), 'streams cut': lives, 'start': start,
                      'seconds': round(time.monotonic() - start, 1)}))


parser = argparse.ArgumentParser()
parser.add_argument('host')
parser.add_argument('port', type=int)
parser.add_argument('count', type=int)
parser.add_argument('rate', type=float)
parser.add_argument('--names')
parser.add_argument('--streams', action='append', default=[])
parser.add_argument('--patience', type=float, default=30, help='after that an answer counts as lost')
args = parser.parse_args()
start = 0.0
# A restart is waited for by every request that comes meanwhile.
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
asyncio.run(main())
