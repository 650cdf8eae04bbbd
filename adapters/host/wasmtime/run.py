"""run.py - a host of composed components on wasmtime: run.py [--ca BUNDLE.PEM] [options of passt...] -- COMPONENT [args...]

The link isthmus:link/link as one Python function, over a socket that speaks QEMU's framing, which a batch is already; passt is
behind it. Contract: docs/link.md and adapters/api/component/wit/isthmus-link.wit. Of a program with wasi:tls the bundle is whom it trusts.
"""
import os, re, select, socket, subprocess, sys, time
from wasmtime import Config, Engine, ExitTrap, Store, WasiConfig, WasmtimeError
from wasmtime.component import Component, Linker, Record

MTU, FRAME_MAX, FOREVER = 1500, 1518, 2**64 - 1
GRANT = 'window=131072\n'  # passt drops what its socket does not hold


def record(**fields):
    r = Record()
    r.__dict__.update({name.replace('_', '-'): value for name, value in fields.items()})
    return r


def whole(batch, room, longest=FRAME_MAX):
    """Bytes of the frames at the front of a batch that fit; whether what is behind them could never become one."""
    end = 0
    while end + 4 <= len(batch):
        size = int.from_bytes(batch[end:end + 4], 'big')
        if size == 0 or size > longest:
            return end, True
        if end + 4 + size > min(room, len(batch)):
            break
        end += 4 + size
    return end, False


class Link:
    """One Ethernet link over a stream."""

    def __init__(self, stream, grant):
        self.stream, self.grant, self.arrived, self.open = stream, grant, b'', True
        self.instance = tuple(int.from_bytes(os.urandom(8), 'big') for _ in range(2))

    def receive(self, timeout):
        """Waits until something has come, or `timeout` seconds have passed (None: no end)."""
        if self.open and select.select([self.stream], [], [], timeout)[0]:
            more = self.stream.recv(1 << 18)
            self.arrived, self.open = self.arrived + more, len(more) > 0
        elif not self.open and timeout:
            time.sleep(timeout)

    def give(self, room):
        end, broken = whole(self.arrived, room)
        frames, self.arrived = self.arrived[:end], self.arrived[end:]
        self.open = self.open and not broken
        return frames

    def send(self, frames):
        try:
            self.stream.sendall(frames)
        except OSError:
            self.open = False

    def exchange(self, store, turn):
        outcome, frames, taken = 'ok', b'', 0
        if whole(turn.frames, FOREVER, FOREVER)[0] != len(turn.frames):
            outcome = 'layout'
        elif turn.link != 0:
            outcome = 'no-link'
        elif 0 < turn.room < 4 + FRAME_MAX:
            outcome = 'small'
        else:
            if turn.note:
                print(turn.note, end='', flush=True)
            self.send(turn.frames)
            taken = len(turn.frames)
            self.receive(0)
            frames = self.give(turn.room)
            left = (turn.deadline - time.monotonic_ns()) / 1e9
            if not frames and left > 0 and (self.open or turn.deadline != FOREVER):
                self.receive(None if turn.deadline == FOREVER else left)
                frames = self.give(turn.room)
            if not self.open and not frames:
                outcome, taken = 'closed', 0
        more = whole(self.arrived, FOREVER)[0] > 0
        return record(
            outcome=outcome, status=({'up'} if self.open else set()) | ({'more'} if more and turn.room else set()),
            taken=taken, ready=int(more), monotonic=time.monotonic_ns(), realtime=time.time_ns(), instance=self.instance, frames=frames,
            grant=record(kind='ethernet', mtu=MTU, frame_max=FRAME_MAX, links=1, text=self.grant) if 'grant' in turn.want and outcome != 'layout' else None,
            entropy=tuple(int.from_bytes(os.urandom(8), 'big') for _ in range(4)) if 'entropy' in turn.want else None)


def passt(*options):
    """A socket to a passt of our own, which ends with us."""
    ours, its = socket.socketpair()
    subprocess.Popen(['passt', '--foreground', '--quiet', '--fd', str(its.fileno()), '--mtu', str(MTU), *options], pass_fds=[its.fileno()], stderr=subprocess.DEVNULL)
    its.close()
    return ours


def authorities(bundle):
    """The certificates of a PEM file as lines of a grant."""
    with open(bundle, encoding='latin-1') as file:
        blocks = re.findall('-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----', file.read())
    return ''.join(f"authority={''.join(block.split())}\n" for block in blocks)


def run(path, args, link):
    """Runs a command to its end; returns its exit status."""
    engine = Engine(Config())
    store, linker, wasi = Store(engine), Linker(engine), WasiConfig()
    wasi.argv = [path, *args]
    wasi.inherit_stdin(), wasi.inherit_stdout(), wasi.inherit_stderr()
    store.set_wasi(wasi)
    linker.add_wasip2()
    with linker.root() as root, root.add_instance('isthmus:link/link@0.1.0') as face:
        face.add_func('exchange', link.exchange)
    component = Component.from_file(engine, path)
    instance = linker.instantiate(store, component)
    name = next(name for name in component.type.exports(engine) if name.startswith('wasi:cli/run@'))
    func = instance.get_func(store, instance.get_export_index(store, 'run', instance.get_export_index(store, name)))
    try:
        return 0 if func(store).tag == 'ok' else 1
    except ExitTrap as exit:
        return exit.code


if __name__ == '__main__':
    if '--' not in sys.argv[:-1]:
        sys.exit(__doc__)
    cut = sys.argv.index('--')
    options = sys.argv[1:cut]
    if options[:1] == ['--ca'] and len(options) > 1:
        GRANT += authorities(options[1])
        del options[:2]
    sys.exit(run(sys.argv[cut + 1], sys.argv[cut + 2:], Link(passt(*options), GRANT)))
