"""stack.py LIBRARY - the stack driven from outside: no TUN, no socket, no clock but ours. Prints TAP."""
import struct
import sys

from isthmus import *

LIBRARY = sys.argv[1]
OURS, THEIRS = "10.0.0.1", "10.0.0.2"
GRANT = f"address={OURS}/24\ngateway={THEIRS}\n"
FIN, SYN, RST, ACK = 1, 2, 4, 16
count = failed = 0


def ok(good, name, why=""):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {name}" + ("" if good else f"\n# {why!r}"), flush=True)


# ---- packets by hand

def ip(text):
    return bytes(int(x) for x in text.split("."))


def checksum(data):
    total = sum(struct.unpack(f">{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def segment(port, to, flags, seq, ack=0, data=b"", options=b""):
    tcp = struct.pack(">HHIIBBHHH", port, to, seq, ack, (20 + len(options)) << 2, flags, 65535, 0, 0) + options + data
    pseudo = ip(THEIRS) + ip(OURS) + struct.pack(">HH", 6, len(tcp))
    tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp)) + tcp[18:]
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + ip(THEIRS) + ip(OURS)
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + tcp


class Segment:
    def __init__(self, packet):
        tcp = packet[20:]
        self.sound = checksum(packet[:20]) == 0 and checksum(packet[12:20] + struct.pack(">HH", 6, len(tcp)) + tcp) == 0
        self.port, self.to, self.seq, self.ack, offset, self.flags = struct.unpack(">HHIIBB", tcp[:14])
        self.data = tcp[(offset >> 4) * 4:]


def segments(stack):
    return [Segment(p) for p in stack.pull() if p[0] >> 4 == 4 and p[9] == 6]


# ---- one stack, and the test as its peer

clock = Clock()
a = Stack(LIBRARY, clock, "a", GRANT)
a.pull()
listener = a.tcp(listen=80)
ok(a.push(segment(5000, 80, SYN, 1000, options=b"\2\4\5\xb4")) == 0 and a.native_pending() == 1, "a SYN is taken, and the library says that it has something to do")
ok(segments(a) == [], "nothing happens before the stack is given a turn")
a.pump()
out = segments(a)
ok(len(out) == 1 and out[0].flags == SYN | ACK and out[0].ack == 1001 and out[0].to == 5000 and out[0].sound,
   "a SYN in, a SYN-ACK out, its checksums right", [vars(s) for s in out])
isn = out[0].seq
ok(a.native_pending() == 0, "and nothing is left to do at this time")

due = a.native_deadline()
ok(clock.now < due <= clock.now + 60 * S, "the next timer is told", (clock.now, due))
for _ in range(50):
    a.pump()
ok(segments(a) == [], "the clock stands, and nothing is sent again")
began, sent = clock.now, []
while not sent and clock.now < began + 60 * S:
    clock.now = a.native_deadline()
    a.pump()
    sent = segments(a)
ok(len(sent) == 1 and sent[0].flags == SYN | ACK and sent[0].seq == isn and clock.now - began >= S // 2,
   "the clock moves to the timers that are told, and the SYN-ACK is sent again", ([vars(s) for s in sent], clock.now - began))

a.push(segment(5000, 80, ACK, 1001, isn + 1))
a.push(segment(5000, 80, ACK, 1001, isn + 1, b"hello"))
a.pump()
connection = a.socket_accept(listener, None)
ok(connection > 0 and a.recv(connection) == b"hello", "the connection is accepted and its bytes are read", connection)
segments(a)
ok(a.send(connection, b"hello") == 5, "an echo is sent")
out = [s for s in segments(a) if s.data]
ok(len(out) == 1 and out[0].data == b"hello" and out[0].ack == 1006, "and comes out before the call returns")
bad = bytearray(segment(5000, 80, ACK, 1006, isn + 6, b"wrong"))
bad[-1] ^= 1
a.push(bytes(bad))
a.push(b"\x45no packet at all")
a.pump()
ok(a.recv(connection) == EAGAIN, "what has a wrong checksum, or is no packet, is not read")
a.push(segment(5000, 80, RST, 1006))
a.pump()
ok(a.recv(connection) == -13 and a.recv(connection) == b"", "a reset of the peer is an error, once")
a.lib.ist_close(connection)
a.pull()
a.push(segment(5001, 81, SYN, 7))
a.pump()
out = segments(a)
ok(len(out) == 1 and out[0].flags & RST and out[0].ack == 8, "a SYN to a port without a listener is reset")

refused = a.tcp(connect=(THEIRS, 9))
out = segments(a)
ok(len(out) == 1 and out[0].flags == SYN, "our own SYN")
a.push(segment(9, out[0].port, RST | ACK, 0, out[0].seq + 1))
a.pump()
ok(a.failure(refused) == ECONNREFUSED, "is refused")
a.lib.ist_close(refused)
lost = a.tcp(connect=(THEIRS, 10))
began, tries = clock.now, 0
while not a.ready(lost) and clock.now < began + 3600 * S:
    tries += len(segments(a))
    clock.now = max(clock.now + 1, a.native_deadline())
    a.pump()
ok(a.failure(lost) == ETIMEDOUT and tries >= 3, "a peer that never answers is ETIMEDOUT, minutes of it in no time", (tries, (clock.now - began) // S))
a.lib.ist_close(lost)

# ---- what is refused
ok(a.push(b"") == EINVAL and a.native_push(1, b"x", 1) == EINVAL and a.native_pull(1, a.buf, 10) == EINVAL, "no bytes, and no such link: EINVAL")
ok(a.push(b"\x45" * 1501) == EMSGSIZE, "a frame longer than the link's: EMSGSIZE")
ok(a.native_open(c.byref(a.host)) == ESTATE, "a second host: ESTATE")
ok(a.native_link(c.byref(Link(size=4))) == EINVAL and a.native_link(c.byref(Link(size=c.sizeof(Link), queue_cap=100))) == EINVAL,
   "a link without a size, or with a queue that holds no frame: EINVAL")
ok(a.wait(None, 0, U64(clock.now + S)) == EDEADLK, "a wait without `sleep`: EDEADLK")
a.pull()
a.push(segment(5002, 80, SYN, 1))
a.pump()
ok(a.native_pull(0, a.buf, 3) == EMSGSIZE and len(segments(a)) == 1 and a.native_pull(0, a.buf, 3) == EAGAIN, "a frame that the room is too small for stays")
a.lib.ist_close(listener)
a.pull()
ok(a.statistics().n_handles == 0, "no handle is left")
a.close()
ok(a.push(b"x") == EINVAL and a.tcp_open(4) == ESTATE, "after the end nothing is taken")

# ---- an instance of its own for each copy; the same seed, the same bytes

def life(seed):
    clock = Clock()
    s = Stack(LIBRARY, clock, seed, GRANT)
    s.tcp(listen=80)
    s.push(segment(5000, 80, SYN, 1000))
    s.pump()
    frames = s.pull()
    s.close()
    return frames


first = life("x")
ok(first == life("x"), "the same seed, clock and packets: the same packets out")
ok(first != life("y"), "another seed: others")

dull = Stack(LIBRARY, clock, "", GRANT, entropy=False)
ok(dull.random(dull.buf, 8) == ENOENTROPY, "without entropy there are no random bytes")
dull.close()


# ---- two copies on a virtual wire of 10 ms that loses every 37th frame

class Wire:
    def __init__(self, clock, delay, lose=0):
        self.clock, self.delay, self.lose = clock, delay, lose
        self.flying, self.ends, self.n = [], [], 0

    def carry(self):
        for i, end in enumerate(self.ends):
            for frame in end.pull():
                self.n += 1
                if not self.lose or self.n % self.lose:
                    self.flying.append((self.clock.now + self.delay, self.n, 1 - i, frame))
        due = [f for f in self.flying if f[0] <= self.clock.now]
        self.flying = [f for f in self.flying if f[0] > self.clock.now]
        for _, _, i, frame in due:
            self.ends[i].push(frame)

    def step(self):
        """Everything that happens now; then the clock goes to what happens next."""
        self.carry()
        for end in self.ends:
            end.pump()
        self.carry()
        if not any(end.native_pending() for end in self.ends):
            self.clock.now = max(self.clock.now + 1, min([f[0] for f in self.flying] + [end.native_deadline() for end in self.ends]))


def bulk(lose):
    clock = Clock()
    wire = Wire(clock, 10 * MS, lose)
    wire.ends = [Stack(LIBRARY, clock, "left", "address=10.0.0.1/24\n"), Stack(LIBRARY, clock, "right", "address=10.0.0.2/24\n")]
    left, right = wire.ends
    listener, sender = left.tcp(listen=80), None
    sender = right.tcp(connect=("10.0.0.1", 80))
    sent, got, receiver, began = bytes(i * 7 & 255 for i in range(1 << 19)), b"", 0, clock.now
    at = 0
    while len(got) < len(sent) and clock.now < began + 600 * S:
        wire.step()
        receiver = receiver if receiver > 0 else left.socket_accept(listener, None)
        if at < len(sent) and right.ready(sender) & WRITABLE:
            n = right.send(sender, sent[at:at + 65536])
            at += max(n, 0)
        while receiver > 0 and isinstance(data := left.recv(receiver), bytes) and data:
            got += data
    ok(got == sent, f"two copies talk over a wire of 10 ms{' that loses a frame in 37' if lose else ''}: every byte, in order",
       (len(got), at, clock.now - began, left.notes, right.notes))
    ok(left.statistics().frames_dropped == 0 and clock.now - began >= 20 * MS, "and it took time of the virtual clock only", clock.now - began)
    for h, s in ((receiver, left), (listener, left), (sender, right)):
        s.lib.ist_close(h)
    for _ in range(2000):
        if left.statistics().n_tcp + right.statistics().n_tcp == 0:
            break
        wire.step()
    ok(left.statistics().n_tcp == 0 and right.statistics().n_tcp == 0, "and no connection is left in the end")
    for end in wire.ends:
        end.close()


bulk(0)
bulk(37)

# ---- a stack that may wait: its sleep moves the clock
clock = Clock()
naps = []


def sleep(deadline):
    naps.append(deadline)
    clock.now = max(clock.now, deadline)


waiter = Stack(LIBRARY, clock, "w", GRANT, sleep=sleep)
until = clock.now + 5 * S
ok(waiter.wait(None, 0, U64(until)) == 0 and clock.now >= until and naps, "ist_wait() sleeps by the `sleep` of the caller, to its deadline")
waiter.close()

print(f"1..{count}")
sys.exit(failed != 0)
