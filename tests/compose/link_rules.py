"""link_rules.py - the link of adapters/host/wasmtime/run.py by itself, rule by rule; fails by an exception"""
import socket, time
import run

ours, far = socket.socketpair()
link = run.Link(ours, 'a=b\n')


def turn(**fields):
    asked = dict(link=0, want=set(), deadline=0, room=1 << 16, frames=b'', note='')
    return link.exchange(None, run.record(**{**asked, **fields}))


def same(got, want):
    assert got == want, f'{got} instead of {want}'


def frame(n):
    return n.to_bytes(4, 'big') + b'x' * n


answer = turn(want={'grant', 'entropy'}, frames=frame(60) + frame(61))
same((answer.outcome, answer.taken, answer.frames), ('ok', 129, b''))
same((answer.grant.kind, answer.grant.text, len(answer.entropy)), ('ethernet', 'a=b\n', 4))
same(far.recv(1000), frame(60) + frame(61))
same(turn().grant, None)
for broken in (b'\0', frame(0), frame(60)[:-1], frame(60) + b'\0\0\0'):
    same(turn(frames=broken, want={'grant'}).outcome, 'layout')
same(turn(link=1).outcome, 'no-link')
same(turn(room=run.FRAME_MAX + 3).outcome, 'small')

far.sendall(frame(60) + frame(100) + frame(60)[:30])  # whole frames only, in order, as many as fit
answer = turn(room=0)
same((answer.frames, answer.status, answer.ready), (b'', {'up'}, 1))
answer = turn(room=4 + run.FRAME_MAX)
same((answer.frames, answer.status, answer.ready), (frame(60) + frame(100), {'up'}, 0))
far.sendall(frame(60)[30:] + frame(1000) + frame(1001) + frame(60)[:30])
answer = turn(room=4 + run.FRAME_MAX)
same((answer.frames, answer.status), (frame(60) + frame(1000), {'up', 'more'}))
answer = turn(room=4 + run.FRAME_MAX)
same((answer.frames, answer.status), (frame(1001), {'up'}))
before = time.monotonic_ns()
same(turn(deadline=before + 50_000_000).frames, b'')  # half a frame does not end the wait
assert time.monotonic_ns() >= before + 50_000_000
far.sendall(frame(60)[30:])
same(turn(deadline=run.FOREVER).frames, frame(60))

far.close()
same(turn(deadline=run.FOREVER).outcome, 'closed')
same((turn(frames=frame(60)).outcome, turn(frames=frame(60)).taken), ('closed', 0))
