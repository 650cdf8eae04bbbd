// path.mjs - what one TCP connection gets out of a simulated path, in virtual time: the rows of `make bench`, and what its test compares
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { B, run } from '../lib/tap.mjs';

const library = join(B, 'native/libisthmus.so'), copy = join(B, 'bench/path-copy.so');
const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
/** What is possible at random losses: RFC 5681 behaviour, one ACK a segment (Mathis and others, 1997); Mbit/s. */
const possible = ({ rtt, lost }) => 1.22 * 1460 * 8 / 1e6 / (rtt / 1000 * Math.sqrt(lost / 1e6));

/** Mbit/s: a link of `mbit`, a round trip of `rtt` ms, `lost` packets of a million, room for `queue` bytes before the link (0: for all). */
export async function path({ mbit = 100, rtt = 50, lost = 0, queue = 0, seeds = [1], seconds = 20 }) {
  const figures = [];
  for (const seed of seeds) {
    const r = await run(join(B, 'bench/path'), [library, copy, mbit, rtt, lost, queue, seed, seconds].map(String), { timeout: 120_000 });
    if (r.status !== 0 || !(Number(r.out) > 0)) throw new Error(r.err || r.out);
    figures.push(Number(r.out));
  }
  return mean(figures);
}

/** [name, Mbit/s, against, of what, goal] */
export async function rows() {
  copyFileSync(library, copy);
  const five = [1, 2, 3, 4, 5], lossy = { lost: 1000, seeds: five, seconds: 60 };
  return [
    ['tcp_clean_100mbit_50ms', await path({}), 'the simulated link', 100, 0.9],
    ['tcp_queue_100mbit_50ms', await path({ queue: 200_000, seconds: 60 }), 'the same link, room for 200 KB before it', 100, 0.8],
    ['tcp_lossy_100mbit_50ms', await path(lossy), '1.22 MSS / (RTT sqrt(p))', possible({ rtt: 50, ...lossy }), 0.85],
  ];
}
