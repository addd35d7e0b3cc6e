#!/usr/bin/env python3
"""What a booted machine loses while its sidecar is replaced, restarted, given other certificates, left without control plane, or robbed of its
rules: 10,000 requests at a steady rate in each direction, names looked up 50 times a second, and streams that last. All must succeed (streams may be
cut when the drain time is over, which is counted apart; a flush may cost five seconds). Then a reboot without control plane, timed. One line a
check; exit status 1 if one failed.

    packaging/test/machine_lossless.py [--deb FILE] [--only TEXT] [--quick] [--count N] [--rate N] [--rounds N]

Needs what machine_walkthrough.py needs.
"""
import argparse, glob, json, os, subprocess, sys, time

import machine
import mesh_netns as mesh
from machine_mesh import DEB, Cluster, Report, expect
from machine import CLUSTER_IP

HERE = os.path.dirname(os.path.abspath(__file__))
HOST = 'productpage.default.svc.cluster.local'
DRAIN_SECONDS, EXIT_SECONDS = 15, 5
FLUSH_SECONDS = 5
NAME = 'reviews.default.svc.cluster.local'

FIRST_ANSWER = f'''
import socket, time
while True:
    try:
        with socket.create_connection(('10.96.0.11', 9080), 1) as s:
            s.sendall(b'GET / HTTP/1.1\\r\\nHost: {HOST}:9080\\r\\nConnection: close\\r\\n\\r\\n')
            if s.recv(99).startswith(b'HTTP/1.1 200'):
                break
    except OSError:
        time.sleep(0.02)
print('first answer at', int(time.monotonic() * 1e6), flush=True)
'''


class Load:
    """Both directions' requests, and streams, while something happens."""

    def __init__(self, m, cluster, args, patience=30):
        self.m, self.cluster, self.args = m, cluster, args
        load = str(args.count), str(args.rate), '--patience', str(patience)
        inside = m.command('runuser', '-u', 'alice', '--', 'python3', '/opt/steady_load.py', HOST, '9080', *load,
                           '--names', f'{NAME},50', '--streams', '10.44.0.15:6379')
        outside = m.in_cluster(sys.executable, os.path.join(HERE, 'steady_load.py'), '127.0.0.1', '18080', *load, '--streams', '127.0.0.1:13306')
        grpc = m.command('runuser', '-u', 'alice', '--', '/opt/runtime/bin/java', '-XX:+UseSerialGC', '-Xmx64m',
                         '--enable-native-access=ALL-UNNAMED', '-cp', '/opt/echo:/opt/lib/*',
                         'dev.outrider.proxy.mesh.GrpcEcho', 'stream', '10.96.0.17:9090', 'catalog.shop.svc.cluster.local:9090')
        self.running = {name: subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                        for name, line in (('out', inside), ('in', outside), ('grpc', grpc))}

    def told(self, name):
        said, errors = self.running[name].communicate('end\n', timeout=240)
        expect(said, f'{name}: the load said nothing: {errors[-500:]}')
        return json.loads(said)

    def during(self, *events):
        """Runs the events (seconds after the start, what) and gives what each load told."""
        try:
            for name in ('out', 'in'):
                expect(self.running[name].stdout.readline() == 'started\n', f'{name}: the load did not start')
            began = time.monotonic()
            self.happened = []
            for at, event in events:
                time.sleep(max(0.0, began + at - time.monotonic()))
                self.happened.append(time.monotonic())
                event()
            return {name: self.told(name) for name in ('out', 'in', 'grpc')}
        finally:
            for p in self.running.values():
                p.kill()


def summary(told):
    line = []
    for name in ('out', 'in'):
        r = told[name]['requests']
        line.append(f"{name}: {r['done']} requests, {r['failed']} failed, slowest {r['slowest']} s, {told[name]['connections']} connections, "
                    f"{len(told[name]['streams cut'])} streams cut")
    names, grpc = told['out']['names'], told['grpc']
    return '; '.join([*line, f"names: {names['done']}, {names['failed']} failed, slowest {names['slowest']} s",
                      f"gRPC: {grpc['calls']} calls, {grpc['failed']} failed, {len(grpc['cut'])} streams cut"])


def lossless(told, budget=None, happened=()):
    for what, r in (('out', told['out']['requests']), ('in', told['in']['requests']), ('names', told['out']['names'])):
        expect(r['failed'] == 0, f"{what}: {json.dumps(r)}; {summary(told)}; events at {[round(at - told['out']['start'], 2) for at in happened]}")
    expect(told['grpc']['failed'] == 0, f"gRPC: {told['grpc']}")
    cuts = told['out']['streams cut'] + told['in']['streams cut'] + told['grpc']['cut']
    for opened, cut in cuts:
        # The end of the drain time after one of the events, and never before it.
        expect(budget is not None and any(cut - at >= budget - 0.5 for at in happened if opened < at), f'a stream was cut early: {cuts}, events at {happened}; {summary(told)}')
    return summary(told)


class Proof:

    def __init__(self, m, cluster, report, args):
        self.m, self.cluster, self.report, self.args = m, cluster, report, args

    def set_up(self):
        m, cluster = self.m, self.cluster
        m.shell('useradd -m -s /bin/bash alice')
        m.put(os.path.join(HERE, 'steady_load.py'), '/opt/steady_load.py')
        m.put(mesh.script('echo.py', mesh.ECHO), '/opt/echo.py')
        for jar in glob.glob(os.path.join(mesh.ROOT, 'packaging/target/lib/*.jar')):
            m.put(jar, '/opt/lib/')
        m.put(os.path.join(mesh.ROOT, 'packaging/target/runtime'), '/opt/runtime')
        for path in glob.glob(os.path.join(mesh.ROOT, 'proxy/target/test-classes/dev/outrider/proxy/mesh/GrpcEcho*.class')):
            m.put(path, '/opt/echo/dev/outrider/proxy/mesh/')
        m.put(self.args.deb, '/root/outrider.deb')
        m.shell('dpkg -i /root/outrider.deb', timeout=120)
        cluster.operator_files('/root/bundle')
        m.write('/etc/outrider/outrider.yaml', f'proxy:\n  drainTime: {DRAIN_SECONDS}s\n')
        m.shell('systemd-run -q --uid=alice --unit=web python3 /opt/echo.py http 8080 vmhttp')
        m.shell('systemd-run -q --uid=alice --unit=mysql python3 /opt/echo.py tcp 3306 mysql')
        m.shell(f'outrider join /root/bundle --gateway {CLUSTER_IP} --probe {HOST}:9080', timeout=120)
        mesh.until('8080 answers', lambda: '200 OK' in m.cluster('curl', '-sSi', '--max-time', '5', 'http://127.0.0.1:18080/', check=False).stdout, 20)

    def shell(self, line):
        return lambda: self.m.shell(line, timeout=100)

    def check(self, name, budget, *events):
        def run():
            load = Load(self.m, self.cluster, self.args)
            told = load.during(*events)
            return lossless(told, budget, load.happened)
        for _ in range(self.args.rounds):
            self.report.check(name, run)

    def rotation(self):
        """Another key and certificate of the same workload, as an operator's tool puts them: the new files are renamed over the old."""
        ca = self.cluster.ca
        sh = machine.sh
        sh('openssl', 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', f'{ca}/next.ec')
        sh('openssl', 'pkcs8', '-topk8', '-nocrypt', '-in', f'{ca}/next.ec', '-out', f'{ca}/next.key')
        sh('openssl', 'req', '-new', '-key', f'{ca}/next.key', '-subj', '/', '-out', f'{ca}/next.csr')
        sh('openssl', 'x509', '-req', '-in', f'{ca}/next.csr', '-CA', f'{ca}/root.pem', '-CAkey', f'{ca}/root.key', '-CAcreateserial', '-days', '10',
           '-extfile', f'{ca}/vm.ext', '-out', f'{ca}/next.pem')
        for source, name in (('next.key', 'key.pem'), ('next.pem', 'cert-chain.pem')):
            self.m.put(f'{ca}/{source}', f'/etc/certs/.{name}')
            self.m.shell(f'cd /etc/certs && chown istio-proxy .{name} && chmod 600 .{name} && mv .{name} {name}')

    def serial(self):
        page = self.m.shell('curl -sS http://127.0.0.1:15000/certs').stdout
        return {c['cert_chain'][0]['serial_number'] for c in json.loads(page)['certificates'] if c.get('cert_chain')}

    def rotated(self):
        before = self.serial()
        load = Load(self.m, self.cluster, self.args)
        moments = [share * self.args.count / self.args.rate for share in (0.1, 0.3, 0.5)]
        told = load.during((moments[0], self.rotation), (moments[1], self.shell('node_agent')), (moments[2], self.rotation))
        expect(not before & self.serial(), f'the certificate is still {before}')
        expect(self.cluster.issued(), 'the CA was not asked')
        return lossless(told)

    def flushed(self):
        # A connection that was being opened may hang for good.
        load = Load(self.m, self.cluster, self.args, patience=FLUSH_SECONDS + 1)
        told = load.during((3, self.shell('nft flush ruleset')))
        gaps = {what: r['gap'] for what, r in (('out', told['out']['requests']), ('in', told['in']['requests']), ('names', told['out']['names']))}
        expect(max(gaps.values()) <= FLUSH_SECONDS, f"{gaps}; {told['out']['requests']}; {json.dumps(told)[:1500]}")
        return f'requests failed for {gaps} s; {summary(told)}'

    def reboot(self):
        m = self.m
        m.write('/opt/first_answer.py', FIRST_ANSWER)
        m.write('/etc/systemd/system/first-answer.service', '[Unit]\nAfter=basic.target\n[Service]\nUser=alice\nExecStart=python3 /opt/first_answer.py\n'
                '[Install]\nWantedBy=multi-user.target\n')
        m.shell('systemctl enable first-answer.service')
        m.reboot()
        said = lambda: m.shell('journalctl -b -o cat -u first-answer.service', check=False).stdout
        mesh.until('an answer', lambda: 'first answer at' in said(), 60)
        answered = int(said().split('first answer at')[1].split()[0])
        shown = dict(l.split('=') for l in m.shell('systemctl show outrider.service -p InactiveExitTimestampMonotonic -p ExecMainStartTimestampMonotonic '
                                                   '-p ExecMainExitTimestampMonotonic -p ActiveEnterTimestampMonotonic').stdout.split())
        began, active = int(shown['InactiveExitTimestampMonotonic']), int(shown['ActiveEnterTimestampMonotonic'])
        ready = int(m.shell("journalctl -b -o json -u outrider.service | grep -m1 'started: admin' | sed 's/.*__MONOTONIC_TIMESTAMP\":\"\\([0-9]*\\).*/\\1/'").stdout or 0)
        page = m.shell('curl -sS "http://127.0.0.1:15000/ready?verbose"').stdout
        expect('last known good' in page, page)
        return (f'from the unit\'s start: listening {(ready - began) / 1e6:.2f} s, active with its rules {(active - began) / 1e6:.2f} s, '
                f'first answer {(answered - began) / 1e6:.2f} s')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--deb', default=DEB)
    parser.add_argument('--only', default='')
    parser.add_argument('--quick', action='store_true', help='fewer requests, and only what the others are a part of')
    parser.add_argument('--count', type=int)
    parser.add_argument('--rate', type=float, default=350)
    parser.add_argument('--rounds', type=int, default=1)
    args = parser.parse_args()
    args.count = args.count or (3500 if args.quick else 10000)
    report = Report(args.only)
    with machine.Machine.booted() as m:
        cluster = Cluster(m)
        try:
            cluster.up(grpc=True)
            proof = Proof(m, cluster, report, args)
            proof.set_up()
            if not args.quick:
                proof.check('nothing happens', None)
                proof.check('systemctl reload', DRAIN_SECONDS, (3, proof.shell('systemctl reload outrider')))
            proof.check('an upgrade of the package', DRAIN_SECONDS, (3, proof.shell('dpkg -i /root/outrider.deb')))
            if not args.quick:
                proof.check('systemctl restart', EXIT_SECONDS, (3, proof.shell('systemctl restart outrider')))
            report.check('certificates rotated', proof.rotated)
            cluster.end(cluster.control)
            cluster.end(cluster.citadel)
            proof.check('control plane and CA away, and a restart', EXIT_SECONDS, (3, proof.shell('systemctl restart outrider')))
            report.check('nft flush ruleset', proof.flushed)
            report.check('reboot, control plane away', proof.reboot)
            if report.failed:
                print(m.shell("journalctl --no-pager -o short-precise -u outrider -u outrider-rules -u outrider-guard | grep -v '\" 200 -' | tail -n 120",
                              check=False).stdout[-12000:])
                print(cluster.log('failures')[-4000:])
        finally:
            cluster.down()
    return report.status()


if __name__ == '__main__':
    sys.exit(machine.guarded(main))
