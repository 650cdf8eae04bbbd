"""isthmus.py - libisthmus.so from Python, with a clock and entropy that the test owns: what an outside tool needs to drive the stack"""
import ctypes as c
import hashlib
import os
import shutil
import tempfile

U32, I32, U64, PTR = c.c_uint32, c.c_int32, c.c_uint64, c.c_void_p
EAGAIN, EBADF, EINVAL, ESTATE, EMSGSIZE, ECONNREFUSED, ETIMEDOUT, EDEADLK, ENOENTROPY = -1, -2, -3, -6, -20, -12, -15, -22, -26
READABLE, WRITABLE = 1, 2
MS, S, NEVER = 10**6, 10**9, 2**64 - 1


class Address(c.Structure):
    _fields_ = [("family", c.c_uint8), ("zero", c.c_uint8), ("port", c.c_uint16), ("scope", U32), ("ip", c.c_uint8 * 16)]

    @classmethod
    def of(cls, text, port):
        a = cls(family=4, port=port)
        a.ip[:4] = [int(x) for x in text.split(".")]
        return a


CLOCK = c.CFUNCTYPE(U64, PTR)
ENTROPY = c.CFUNCTYPE(I32, PTR, c.POINTER(c.c_uint8))
NOTE = c.CFUNCTYPE(None, PTR, U32, c.POINTER(c.c_char), U32)
SLEEP = c.CFUNCTYPE(None, PTR, U64)


class Host(c.Structure):
    _fields_ = [("size", U32), ("user", PTR), ("monotonic", CLOCK), ("realtime", CLOCK), ("entropy", ENTROPY), ("note", NOTE), ("sleep", SLEEP)]


class Link(c.Structure):
    _fields_ = [("size", U32), ("kind", U32), ("mtu", U32), ("queue_cap", U32), ("grant", c.c_char_p)]


class Statistics(c.Structure):
    _fields_ = [("size", U32), ("n_handles", U32)] + [(n, U64) for n in
                ("exchanges", "frames_sent", "frames_received", "frames_dropped", "bytes_sent", "bytes_received", "memory_used")] + [("n_tcp", U32)]


class Interest(c.Structure):
    _fields_ = [("handle", I32), ("want", U32), ("ready", U32)]


class Clock:
    now = 1000 * S


class Stack:
    """One instance: a copy of the library of its own."""

    def __init__(self, library, clock, seed, grant, mtu=1500, queue_cap=0, sleep=None, entropy=True):
        folder = tempfile.mkdtemp(prefix="isthmus-")
        copy = shutil.copy(library, os.path.join(folder, "stack.so"))
        self.lib = c.CDLL(copy, mode=os.RTLD_LOCAL | os.RTLD_NOW)
        shutil.rmtree(folder)
        self.lib.ist_native_deadline.restype = U64
        self.lib.ist_monotonic.restype = U64
        self.notes, self.drawn, self.buf = "", 0, c.create_string_buffer(65536)
        self.host = Host(size=c.sizeof(Host), monotonic=CLOCK(lambda _: clock.now), note=NOTE(self.noted))
        if entropy:
            self.host.entropy = ENTROPY(lambda _, into: self.draw(seed, into))
        if sleep:
            self.host.sleep = SLEEP(lambda _, deadline: sleep(deadline))
        assert self.lib.ist_native_open(c.byref(self.host)) == 0
        assert self.lib.ist_native_link(c.byref(Link(size=c.sizeof(Link), mtu=mtu, queue_cap=queue_cap, grant=grant.encode()))) == 0
        assert self.lib.ist_start(None) == 0

    def noted(self, _, link, text, length):
        self.notes += text[:length].decode()

    def draw(self, seed, into):
        self.drawn += 1
        c.memmove(into, hashlib.sha256(f"{seed} {self.drawn}".encode()).digest(), 32)
        return 1

    def __getattr__(self, name):
        return getattr(self.lib, "ist_" + name)

    def push(self, frame):
        return self.native_push(0, frame, len(frame))

    def pull(self):
        """The frames that the stack has sent."""
        frames = []
        while (n := self.native_pull(0, self.buf, 65536)) > 0:
            frames.append(self.buf.raw[:n])
        return frames

    def tcp(self, listen=None, connect=None):
        h = self.tcp_open(4)
        if listen:
            assert self.socket_bind(h, c.byref(Address.of("0.0.0.0", listen))) == 0 and self.socket_listen(h, 16) == 0
        if connect:
            assert self.socket_connect(h, c.byref(Address.of(*connect))) == 0
        return h

    def send(self, h, data):
        return self.stream_send(h, bytes(data), len(data))

    def recv(self, h):
        n = self.stream_recv(h, self.buf, 65536)
        return self.buf.raw[:n] if n >= 0 else n

    def statistics(self):
        s = Statistics(size=c.sizeof(Statistics))
        assert self.statistics_get(c.byref(s)) == 0
        return s

    def close(self):
        self.stop()
        self.native_close()
