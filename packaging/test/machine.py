#!/usr/bin/env python3
"""A throwaway machine for tests: Debian with its own systemd, resolved, users, nftables and network, booted in about a second by systemd-nspawn on
a copy-on-write layer, with a second network namespace beside it that plays the cluster. Nothing outside the two namespaces and RUN is touched.

    machine.py image                           build the base image once (debootstrap from the mirror apt is configured with); print its path
    machine.py boot RUN                        boot a fresh machine; RUN is a new or empty directory that holds its state
    machine.py exec RUN [-u USER] CMD [ARG..]  run a command in the machine (root unless USER is given)
    machine.py cluster RUN CMD [ARG..]         run a command of this host in the cluster's network namespace
    machine.py put RUN SOURCE TARGET           copy a file or folder into the machine
    machine.py reboot RUN [--crash]            the disk layer and addresses stay; processes, rules and tmpfs go. --crash pulls the plug
    machine.py stop RUN                        power off and remove everything
    machine.py check                           boot one, try all of the above, stop it

The machine is 10.200.0.2 and fd00:200::2; its default routes are the cluster, 10.200.0.1 and fd00:200::1. Needs root, debootstrap, systemd-nspawn, iproute2 and overlayfs. Where
one of them is missing it says which: exit status 3, or 1 when CI=true.
"""
import contextlib, fcntl, hashlib, json, os, shutil, signal, socket, subprocess, sys, tempfile, time

MACHINE_IP, CLUSTER_IP = '10.200.0.2', '10.200.0.1'
MACHINE_IP6, CLUSTER_IP6 = 'fd00:200::2', 'fd00:200::1'
PACKAGES = ('systemd systemd-sysv dbus systemd-resolved iproute2 nftables iptables curl bind9-dnsutils python3 sudo procps ca-certificates '
            'logrotate man-db bash-completion openssl').split()
PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
# SIGRTMIN+4 asks systemd for poweroff (systemd(1), SIGNALS).
POWER_OFF = signal.SIGRTMIN + 4


class CannotRun(Exception):
    """This host lacks something that a machine needs."""


def sh(*cmd, check=True, timeout=60, **kw):
    done = subprocess.run(cmd, capture_output=True, text=True, timeout=timeout, **kw)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(cmd)}: status {done.returncode}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done


def need(program, package):
    if not shutil.which(program):
        raise CannotRun(f'{program} is not installed (apt-get install {package})')


def mirror():
    """URI and code name of the distribution apt is configured with."""
    need('apt-get', 'apt')
    for line in sh('apt-get', 'indextargets', '--format', '$(REPO_URI) $(CODENAME) $(COMPONENT)', 'Created-By: Packages').stdout.splitlines():
        uri, codename, component = line.split()
        if component == 'main' and os.path.exists(f'/usr/share/debootstrap/scripts/{codename}'):
            return uri, codename
    raise CannotRun('apt has no source that debootstrap knows (apt-get update first)')


def image():
    """Path of the base image; built on first use, and again when the list of packages or the distribution changes."""
    if os.geteuid() != 0:
        raise CannotRun('not root')
    need('debootstrap', 'debootstrap')
    uri, codename = mirror()
    cache = os.path.join(os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache'), 'outrider')
    os.makedirs(cache, exist_ok=True)
    path = os.path.join(cache, f"machine-{codename}-{hashlib.sha256(' '.join([uri, *PACKAGES]).encode()).hexdigest()[:8]}")
    with open(f'{path}.lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(path):
            part = f'{path}.part'
            shutil.rmtree(part, ignore_errors=True)
            print(f'machine: building {path} from {uri} (about two minutes, once)', file=sys.stderr, flush=True)
            sh('debootstrap', '--variant=minbase', f"--include={','.join(PACKAGES)}", codename, part, uri, timeout=1800)
            sh('chroot', part, 'apt-get', 'clean')
            os.rename(part, path)
    return path


class Machine:
    """One machine. Its state is in the directory RUN, so that separate commands can act on it: Machine(run) finds the one that boot() made."""

    def __init__(self, run):
        self.run = os.path.realpath(run)
        self.root = os.path.join(self.run, 'root')
        self.state = {}
        with contextlib.suppress(FileNotFoundError), open(os.path.join(self.run, 'state.json')) as f:
            self.state = json.load(f)

    @classmethod
    @contextlib.contextmanager
    def booted(cls):
        """A fresh machine for the length of a `with` block."""
        m = cls(tempfile.mkdtemp(prefix='outrider-machine-'))
        try:
            m.boot()
            yield m
        finally:
            m.stop()

    def boot(self):
        base = image()
        need('systemd-nspawn', 'systemd-container')
        need('ip', 'iproute2')
        os.makedirs(self.run, exist_ok=True)
        if os.listdir(self.run):
            raise RuntimeError(f'{self.run} is not empty')
        tag = f'or{os.getpid():x}'
        self.state = {'name': tag, 'machine': f'{tag}m', 'cluster': f'{tag}c'}
        self._save()
        try:
            self._disk(base)
            self._network()
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def _disk(self, base):
        layer = os.path.join(self.run, 'layer')
        os.makedirs(layer)
        os.makedirs(self.root)
        # overlayfs cannot put its upper layer on another overlay, which is what the root of a container is; a tmpfs always serves.
        sh('mount', '-t', 'tmpfs', '-o', 'size=3g,mode=755', 'outrider-machine', layer)
        for d in ('upper', 'work'):
            os.mkdir(os.path.join(layer, d))
        if sh('mount', '-t', 'overlay', '-o', f'lowerdir={base},upperdir={layer}/upper,workdir={layer}/work', 'overlay', self.root, check=False).returncode:
            raise CannotRun('the kernel refuses an overlay mount')
        self.write('/etc/hostname', 'vm-1\n')
        self.write('/etc/hosts', '127.0.0.1 localhost\n127.0.1.1 vm-1\n::1 localhost\n')
        self.write('/etc/systemd/resolved.conf.d/uplink.conf', f'[Resolve]\nDNS={CLUSTER_IP}\nLLMNR=no\nMulticastDNS=no\n')
        resolv = os.path.join(self.root, 'etc/resolv.conf')
        if os.path.lexists(resolv):
            os.unlink(resolv)
        os.symlink('../run/systemd/resolve/stub-resolv.conf', resolv)

    def _network(self):
        m, c = self.state['machine'], self.state['cluster']
        for n in (m, c):
            sh('ip', 'netns', 'add', n)
        sh('ip', 'link', 'add', 'eth0', 'netns', m, 'type', 'veth', 'peer', 'name', 'vm0', 'netns', c)
        for n, dev, ip, ip6 in ((m, 'eth0', MACHINE_IP, MACHINE_IP6), (c, 'vm0', CLUSTER_IP, CLUSTER_IP6)):
            sh('ip', '-n', n, 'addr', 'add', f'{ip}/24', 'dev', dev)
            sh('ip', '-n', n, 'addr', 'add', f'{ip6}/64', 'dev', dev, 'nodad')
            for d in ('lo', dev):
                sh('ip', '-n', n, 'link', 'set', d, 'up')
        for ip in (CLUSTER_IP, CLUSTER_IP6):
            sh('ip', '-n', m, 'route', 'add', 'default', 'via', ip)

    def _start(self):
        """Boots what lies under root/ and waits until its systemd says that start-up is finished."""
        path = os.path.join(self.run, 'notify')
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told, open(os.path.join(self.run, 'console.log'), 'ab') as console:
            told.bind(path)
            p = subprocess.Popen(
                ['systemd-nspawn', '-q', '-D', self.root, '--boot', '--register=no', '--keep-unit', '--notify-ready=yes', '--console=read-only',
                 f"--machine={self.state['name']}", '--hostname=vm-1', '--resolv-conf=off', '--timezone=off', '--link-journal=no',
                 f"--network-namespace-path=/run/netns/{self.state['machine']}", '--capability=CAP_NET_ADMIN'],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, env={**os.environ, 'NOTIFY_SOCKET': path}, start_new_session=True)
            self.state['nspawn'] = p.pid
            end = time.monotonic() + 60
            while True:
                told.settimeout(0.2)
                said = ''
                with contextlib.suppress(TimeoutError):
                    said = told.recv(4096).decode()
                for line in said.splitlines():
                    if line.startswith('X_NSPAWN_LEADER_PID='):
                        self.state['leader'] = int(line.split('=')[1])
                if 'READY=1' in said.splitlines():
                    break
                if p.poll() is not None or time.monotonic() > end:
                    raise CannotRun(f"systemd-nspawn does not boot: {self.console()[-1500:]}")
        self._save()

    def console(self):
        with open(os.path.join(self.run, 'console.log'), errors='replace') as f:
            return f.read()

    def _save(self):
        with open(os.path.join(self.run, 'state.json'), 'w') as f:
            json.dump(self.state, f)

    def command(self, *cmd, user=None, env=None):
        """The argument list that runs cmd in the machine."""
        who = ['runuser', '-u', user, '--'] if user else []
        given = [f'{k}={v}' for k, v in {'PATH': PATH, 'LANG': 'C.UTF-8', 'HOME': '/root', **(env or {})}.items()]
        return ['nsenter', '-t', str(self.state['leader']), '-a', '-r', '-w', '--', 'env', '-i', *given, *who, *cmd]

    def exec(self, *cmd, user=None, env=None, **kw):
        return sh(*self.command(*cmd, user=user, env=env), **kw)

    def shell(self, text, **kw):
        """Runs a line as an operator would type it."""
        return self.exec('bash', '-c', text, **kw)

    def in_cluster(self, *cmd):
        return ['ip', 'netns', 'exec', self.state['cluster'], *cmd]

    def cluster(self, *cmd, **kw):
        return sh(*self.in_cluster(*cmd), **kw)

    def put(self, source, target):
        to = self.root + target
        os.makedirs(os.path.dirname(to), exist_ok=True)
        sh('cp', '-a', '--no-preserve=ownership', source, to)

    def write(self, target, text):
        to = self.root + target
        os.makedirs(os.path.dirname(to), exist_ok=True)
        with open(to, 'w') as f:
            f.write(text)

    def halt(self, crash=False):
        """Stops what runs in the machine. With crash nothing in it gets a say, and its page cache is all that is kept: as after a reset."""
        leader = self.state.pop('leader', None)
        nspawn = self.state.pop('nspawn', None)
        if leader and alive(leader):
            os.kill(leader, signal.SIGKILL if crash else POWER_OFF)
            if not until_gone(nspawn, 20):
                os.kill(leader, signal.SIGKILL)
        if nspawn and not until_gone(nspawn, 10):
            os.kill(nspawn, signal.SIGKILL)
            until_gone(nspawn, 5)

    def reboot(self, crash=False):
        self.halt(crash)
        # The network namespace outlives the machine's kernel, so to speak: rules must not.
        sh('ip', 'netns', 'exec', self.state['machine'], 'nft', 'flush', 'ruleset', check=False)
        self._start()

    def stop(self):
        self.halt()
        for n in (self.state.get('machine'), self.state.get('cluster')):
            if n:
                sh('ip', 'netns', 'del', n, check=False)
        for d in ('root', 'layer'):
            sh('umount', '-l', os.path.join(self.run, d), check=False)
        for d in ('root', 'layer'):
            with contextlib.suppress(FileNotFoundError):
                os.rmdir(os.path.join(self.run, d))
        shutil.rmtree(self.run, ignore_errors=True)


def alive(pid):
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass
    return os.path.exists(f'/proc/{pid}') and open(f'/proc/{pid}/stat').read().rpartition(')')[2].split()[0] != 'Z'


def until_gone(pid, seconds):
    end = time.monotonic() + seconds
    while alive(pid):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def check():
    began = time.monotonic()
    with Machine.booted() as m:
        print(f'booted in {time.monotonic() - began:.1f} s')
        state = m.exec('systemctl', 'is-system-running', check=False).stdout.strip()
        assert state == 'running', f"{state}: {m.exec('systemctl', '--failed', '--plain').stdout}"
        m.exec('useradd', '-m', 'alice')
        assert m.exec('id', '-un', user='alice').stdout.strip() == 'alice'
        m.put(os.path.abspath(__file__), '/opt/copy.py')
        assert m.shell('sha256sum < /opt/copy.py').stdout == sh('sha256sum', stdin=open(__file__)).stdout
        m.cluster('ping', '-c1', '-W2', MACHINE_IP) if shutil.which('ping') else None
        m.exec('nft', 'add', 'table', 'inet', 'mine')
        for crash in (False, True):
            m.shell('touch /run/memory')
            m.reboot(crash)
            assert m.exec('nft', 'list', 'ruleset').stdout == '' and m.exec('test', '-e', '/run/memory', check=False).returncode == 1
            assert m.exec('id', '-un', user='alice').stdout.strip() == 'alice'
        state, run = dict(m.state), m.run
    assert not alive(state['leader']) and not os.path.exists(run) and state['machine'] not in sh('ip', 'netns').stdout
    print(f'machine: all as promised, {time.monotonic() - began:.1f} s')


def guarded(body):
    """Runs body; a host that cannot run a machine is said in one line, and is a failure where CI=true."""
    try:
        return body()
    except CannotRun as e:
        sys.exit(f'machine: cannot run here: {e}' if os.environ.get('CI') == 'true' else print(f'machine: cannot run here: {e}', file=sys.stderr) or 3)


def main(args):
    verb, rest = (args[0], args[1:]) if args else ('', [])
    if verb == 'image':
        print(image())
    elif verb == 'check':
        check()
    elif verb == 'boot' and len(rest) == 1:
        Machine(rest[0]).boot()
    elif verb in ('exec', 'cluster') and len(rest) > 1:
        m, user, cmd = Machine(rest[0]), None, rest[1:]
        if verb == 'exec' and cmd[0] == '-u':
            user, cmd = cmd[1], cmd[2:]
        line = m.command(*cmd, user=user) if verb == 'exec' else m.in_cluster(*cmd)
        os.execvp(line[0], line)
    elif verb == 'put' and len(rest) == 3:
        Machine(rest[0]).put(rest[1], rest[2])
    elif verb == 'reboot' and rest:
        Machine(rest[0]).reboot('--crash' in rest)
    elif verb == 'stop' and rest:
        Machine(rest[0]).stop()
    else:
        sys.exit(__doc__)


if __name__ == '__main__':
    guarded(lambda: main(sys.argv[1:]))
