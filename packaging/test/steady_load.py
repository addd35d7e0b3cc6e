#!/usr/bin/env python3
"""COUNT requests at a steady RATE per second, each on a connection of its own, whatever becomes of the earlier ones: `steady_load.py HOST PORT COUNT
RATE`. Prints one line of JSON: how many failed, why the first few did, and how long the slowest took."""
import asyncio, json, sys, time

HOST, PORT, COUNT, RATE = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
failures, slowest = [], 0.0


async def one(number):
    global slowest
    began = time.monotonic()
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(HOST, PORT), 30)
        writer.write(f'GET /{number} HTTP/1.1\r\nHost: {HOST}:{PORT}\r\nConnection: close\r\n\r\n'.encode())
        answer = await asyncio.wait_for(reader.read(-1), 30)
        writer.close()
        if not answer.startswith(b'HTTP/1.1 200') or f'GET /{number} '.encode() not in answer:
            failures.append(f'{number}: {answer[:120]!r}')
    except Exception as e:
        failures.append(f'{number} at {began - start:.2f} s: {type(e).__name__} {e}')
    slowest = max(slowest, time.monotonic() - began)


async def main():
    global start
    start = time.monotonic()
    tasks = []
    for number in range(COUNT):
        await asyncio.sleep(max(0.0, start + number / RATE - time.monotonic()))
        tasks.append(asyncio.create_task(one(number)))
        if number == 0:
            print('started', flush=True)
    await asyncio.gather(*tasks)
    print(json.dumps({'requests': COUNT, 'failed': len(failures), 'first': failures[:5], 'slowest': round(slowest, 2), 'seconds': round(time.monotonic() - start, 1)}))


start = 0.0
asyncio.run(main())
