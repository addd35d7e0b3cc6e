#!/usr/bin/env python3
"""How a machine with systemd-resolved uses the shim: getent, dig, curl, Java and Python resolve names of the mesh and public ones, by redirected
packets and by a link of resolved, while the control plane is there, while it is away, and after a reboot without it. When Outrider has stopped,
resolv.conf, resolved's servers and domains, and the rules are as they were. One line a check; exit status 1 if one failed.

    packaging/test/dns_machine.py

Needs what machine.py and mesh_netns.py need, and `mvn package` before. Fails where CI=true and a machine cannot be booted.
"""
import os, shutil, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
import machine, mesh_netns as mesh

HOME = '/opt/outrider'
VIP, PUBLIC = '10.96.0.11', '203.0.113.9'
NAMES = ('productpage.default.svc.cluster.local', 'productpage.default.svc', 'productpage.default')
PUBLIC_NAME = 'www.public.example'
TOOLS = ('getent', 'dig', 'python', 'java', 'curl')
failed = []

RESOLVER = r'''
import socket, struct, sys, threading
"""A resolver of the public Internet that knows one name."""
KNOWN = {b"\x03www\x06public\x07example\x00": bytes(int(b) for b in sys.argv[2].split("."))}
def answer(q):
    end = 12
    while q[end]: end += q[end] + 1
    end += 1
    kind = struct.unpack("!H", q[end:end + 2])[0]
    name = q[12:end].lower()
    found = name in KNOWN
    rr = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + KNOWN[name] if found and kind == 1 else b""
    return q[:2] + struct.pack("!HHHHH", 0x8180 | (0 if found else 3), 1, 1 if rr else 0, 0, 0) + q[12:end + 4] + rr
def tcp():
    s = socket.create_server((sys.argv[1], 53))
    while True:
        c, _ = s.accept()
        with c:
            n = c.recv(2)
            if len(n) == 2:
                a = answer(c.recv(struct.unpack("!H", n)[0])); c.sendall(struct.pack("!H", len(a)) + a)
threading.Thread(target=tcp, daemon=True).start()
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind((sys.argv[1], 53))
while True:
    q, peer = s.recvfrom(4096)
    try: s.sendto(answer(q), peer)
    except IndexError: pass
'''

LOOKUP = 'public class Lookup { public static void main(String[] a) throws Exception { System.out.println(java.net.InetAddress.getByName(a[0]).getHostAddress()); } }\n'

UNIT = f'''[Unit]
After=network.target systemd-resolved.service
Wants=outrider-dns.service
[Service]
User=istio-proxy
ExecStart={HOME}/bin/outrider run
StateDirectory=outrider
[Install]
WantedBy=multi-user.target
'''
# The shipped unit follows the rules, which are not in play here.
DNS_DROP_IN = '[Unit]\nBindsTo=outrider.service\nAfter=outrider.service\n'


def check(name, test):
    try:
        said = test()
        print(f'ok    {name}' + (f': {said}' if said else ''), flush=True)
    except Exception as e:
        failed.append(name)
        print(f'FAIL  {name}: {type(e).__name__}: {str(e)[-1500:]}', flush=True)


def expect(condition, text):
    if not condition:
        raise AssertionError(text)


class Cluster:
    """What the machine reaches: a control plane that replays what istiod sent, a service, a public server and a public resolver."""

    def __init__(self, m, work):
        self.m, self.work, self.processes = m, work, {}
        mesh.work = work
        self.ca = mesh.certificates()
        shutil.copytree(os.path.join(mesh.MESH, 'bookinfo'), os.path.join(work, 'mesh'))
        for ip in (VIP, PUBLIC):
            m.cluster('ip', 'addr', 'add', f'{ip}/32', 'dev', 'lo')
        script = os.path.join(work, 'resolver.py')
        with open(script, 'w') as f:
            f.write(RESOLVER)
        self.start('resolver', sys.executable, script, machine.CLUSTER_IP, PUBLIC)
        for ip in (VIP, PUBLIC):
            self.start(f'server-{ip}', sys.executable, '-m', 'http.server', '--bind', ip, '80')
        self.control_plane()

    def start(self, label, *command):
        log = open(os.path.join(self.work, label + '.log'), 'ab')
        self.processes[label] = subprocess.Popen(self.m.in_cluster(*command), stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.work)

    def control_plane(self):
        self.start('control', mesh.java(), '-cp', mesh.class_path(), 'dev.outrider.proxy.mesh.ReplayControlPlane', '15012', os.path.join(self.work, 'mesh'),
                   f'{self.ca}/istiod.pem', f'{self.ca}/istiod.key', f'{self.ca}/root.pem')

    def end(self, label):
        process = self.processes.pop(label)
        process.terminate()
        process.wait(10)

    def close(self):
        for label in list(self.processes):
            self.end(label)


def install(m, cluster):
    target = os.path.join(ROOT, 'packaging/target')
    expect(os.path.exists(f'{target}/lib/classpath'), 'packaging/target/lib is not there: mvn package')
    for part, source in (('bin', f'{ROOT}/packaging/bin'), ('etc', f'{ROOT}/packaging/etc'), ('lib', f'{target}/lib'),
                         ('runtime', f'{target}/runtime' if os.path.isdir(f'{target}/runtime') else os.path.dirname(os.path.dirname(mesh.java())))):
        m.put(source, f'{HOME}/{part}')
    m.exec('useradd', '--system', '--no-create-home', 'istio-proxy')
    for source, name in (('root.pem', 'root-cert.pem'), ('vm.pem', 'cert-chain.pem'), ('vm.key', 'key.pem')):
        m.put(f'{cluster.ca}/{source}', f'/etc/certs/{name}')
    m.exec('chown', '-R', 'istio-proxy', '/etc/certs')
    m.exec('chmod', '600', '/etc/certs/key.pem')
    m.write('/var/lib/istio/envoy/cluster.env', f'ISTIO_CP_AUTH=MUTUAL_TLS\nISTIO_SERVICE_CIDR=10.96.0.0/16\nSERVICE_ACCOUNT=vmapp\nISTIO_SERVICE=vmapp\n'
            f'ISTIO_SVC_IP={machine.MACHINE_IP}\nPILOT_SAN=istiod.istio-system.svc\n')
    m.write('/etc/systemd/system/outrider.service', UNIT)
    m.put(f'{ROOT}/packaging/systemd/outrider-dns.service', '/etc/systemd/system/outrider-dns.service')
    m.write('/etc/systemd/system/outrider-dns.service.d/here.conf', DNS_DROP_IN)
    m.exec('ln', '-s', f'{HOME}/bin/outrider', '/usr/bin/outrider')
    with open(f'{cluster.work}/Lookup.java', 'w') as f:
        f.write(LOOKUP)
    mesh.sh(os.path.join(os.path.dirname(mesh.java()), 'javac'), '-d', cluster.work, f'{cluster.work}/Lookup.java')
    m.put(f'{cluster.work}/Lookup.class', '/opt/lookup/Lookup.class')
    m.exec('useradd', '-m', 'alice')
    m.exec('systemctl', 'daemon-reload')


def settings(m, mode):
    m.write('/etc/outrider/outrider.yaml', f'dns:\n  adapter: {mode}\n  records:\n    - istio-pilot.istio-system A {machine.CLUSTER_IP}\n')


def resolve(m, tool, name):
    commands = {
        'getent': f'getent ahostsv4 {name} | cut -d" " -f1 | sort -u',
        'dig': f'dig +short +tries=1 +time=5 {name} A',
        'python': f'python3 -c "import socket; print(socket.gethostbyname(\'{name}\'))"',
        'java': f'{HOME}/runtime/bin/java -Xshare:auto -cp /opt/lookup Lookup {name}',
        'curl': f'curl -sS -o /dev/null --max-time 10 -w "%{{remote_ip}}" http://{name}/',
    }
    return m.exec('bash', '-c', commands[tool], user='alice', check=False)


def resolves(m, when):
    for tool in TOOLS:
        def all_names():
            for name, ip in [(n, VIP) for n in NAMES] + [(PUBLIC_NAME, PUBLIC)]:
                got = resolve(m, tool, name)
                expect(got.stdout.strip() == ip, f'{name}: {got.stdout!r} {got.stderr[-300:]!r} instead of {ip}')
        check(f'{when}: {tool}', all_names)


def state(m):
    """What Outrider has to leave as it was."""
    return '\n'.join(m.shell(command).stdout for command in (
        'readlink /etc/resolv.conf; cat /etc/resolv.conf', 'resolvectl dns; resolvectl domain', 'nft -s list ruleset', 'ls /etc /etc/systemd/resolved.conf.d',
        'ip -o link | sed "s/^[0-9]*: //"; ls /var/lib | grep -vxE "outrider|outrider-dns"'))


def until(what, test, seconds=60):
    end = time.monotonic() + seconds
    while not test():
        expect(time.monotonic() < end, f'{what}: not within {seconds} s')
        time.sleep(0.2)


def synced(m):
    """The shim has its table, and the machine asks it."""
    return m.exec('systemctl', 'is-active', 'outrider-dns.service', check=False).returncode == 0 and VIP in m.exec(f'{HOME}/bin/outrider', 'dns', 'query', NAMES[0], check=False).stdout


def mode(m, cluster, word):
    settings(m, word)
    before = state(m)
    m.exec('systemctl', 'enable', '--now', 'outrider.service')
    check(f'{word}: the table comes', lambda: until('table', lambda: synced(m)))
    resolves(m, word)
    check(f'{word}: verify', lambda: m.exec(f'{HOME}/bin/outrider', 'dns', 'verify').stdout.strip())
    cluster.end('control')
    resolves(m, f'{word}, control plane away')
    for crash in (False, True):
        m.reboot(crash)
        when = f'{word}, after a {"crash" if crash else "reboot"} without control plane'
        check(f'{when}: the table comes from the disk', lambda: until('table', lambda: synced(m)))
        resolves(m, when)
    m.exec('systemctl', 'disable', '--now', 'outrider.service')
    check(f'{word}: stopped, all is as before', lambda: expect(state(m) == before, f'before:\n{before}\nafter:\n{state(m)}'))
    check(f'{word}: stopped, public names resolve', lambda: expect(resolve(m, 'getent', PUBLIC_NAME).stdout.strip() == PUBLIC, 'they do not'))
    cluster.control_plane()


def main():
    work = tempfile.mkdtemp(prefix='outrider-dns-')
    try:
        with machine.Machine.booted() as m:
            cluster = Cluster(m, work)
            try:
                install(m, cluster)
                for word in ('redirect', 'resolved-link'):
                    mode(m, cluster, word)
                if failed:
                    print(m.exec('journalctl', '--no-pager', '-n', '80', check=False).stdout)
            finally:
                cluster.close()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f'{len(failed)} failed')
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    machine.guarded(main)
