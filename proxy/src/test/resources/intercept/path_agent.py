"""Listens and dials inside one network namespace. Arguments: listeners as LABEL/PROTOCOL/ADDRESS/PORT[/transparent]. Says "ready", then answers each
line of standard input, "UID GID SOURCE PROTOCOL ADDRESS PORT", with where that connection ended: LABEL GETSOCKNAME ORIGINAL PEER, or "refused"."""
import os
import socket
import struct
import sys
import threading

IP_TRANSPARENT, IPV6_TRANSPARENT, SO_ORIGINAL_DST = 19, 75, 80
PROXY = 1337


def show(address):
    host = address[0]
    return f'[{host}]:{address[1]}' if ':' in host else f'{host}:{address[1]}'


def original(conn):
    try:
        if conn.family == socket.AF_INET6:
            raw = conn.getsockopt(socket.IPPROTO_IPV6, SO_ORIGINAL_DST, 28)
            return show((socket.inet_ntop(socket.AF_INET6, raw[8:24]), struct.unpack('!H', raw[2:4])[0]))
        raw = conn.getsockopt(socket.SOL_IP, SO_ORIGINAL_DST, 16)
        return show((socket.inet_ntoa(raw[4:8]), struct.unpack('!H', raw[2:4])[0]))
    except OSError:
        return 'none'


def serve(label, server):
    while True:
        if server.type == socket.SOCK_STREAM:
            conn, peer = server.accept()
            conn.sendall(f'{label} {show(conn.getsockname())} {original(conn)} {peer[0]}'.encode())
            conn.close()
        else:
            _, peer = server.recvfrom(2048)
            server.sendto(f'{label} - - {peer[0]}'.encode(), peer)


def listen(spec):
    label, protocol, host, port, *options = spec.split('/')
    family = socket.AF_INET6 if ':' in host else socket.AF_INET
    # The rules know the proxy's answers by the user who made the socket.
    owner = PROXY if label in ('dns-proxy', 'inbound-listener', 'outbound-listener') else 0
    os.setegid(owner)
    os.seteuid(owner)
    server = socket.socket(family, socket.SOCK_STREAM if protocol == 'tcp' else socket.SOCK_DGRAM)
    os.seteuid(0)
    os.setegid(0)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    if options:
        server.setsockopt(*((socket.IPPROTO_IPV6, IPV6_TRANSPARENT, 1) if family == socket.AF_INET6 else (socket.SOL_IP, IP_TRANSPARENT, 1)))
    server.bind((host, int(port)))
    if protocol == 'tcp':
        server.listen(64)
    threading.Thread(target=serve, args=(label, server), daemon=True).start()


def dial(uid, gid, source, protocol, host, port):
    os.setgroups([])
    os.setgid(int(gid))
    os.setuid(int(uid))
    family = socket.AF_INET6 if ':' in host else socket.AF_INET
    conn = socket.socket(family, socket.SOCK_STREAM if protocol == 'tcp' else socket.SOCK_DGRAM)
    conn.settimeout(5)
    if source != '-':
        conn.bind((source, 0))
    try:
        conn.connect((host, int(port)))
        if protocol == 'udp':
            conn.send(b'query')
        return conn.recv(2048).decode() or 'closed'
    except ConnectionRefusedError:
        return 'refused'
    except OSError as e:
        return f'failed: {e}'


def answer(line):
    """In a child, which can change its user."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, dial(*line.split()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return text


for argument in sys.argv[1:]:
    listen(argument)
print('ready', flush=True)
for request in sys.stdin:
    print(answer(request), flush=True)
