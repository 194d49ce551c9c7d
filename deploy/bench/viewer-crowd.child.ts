// Many viewers of one stream, outside of the process that is measured: reads and counts, and tells when it is asked.
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { CrowdOrder, CrowdReport } from './viewer-crowd.ts';

type One = { bytes: number; last: number; gaps: number[]; open: boolean };

const crowd: One[] = [];
const ASK_EACH_MS = 5;
const state = { answers: [] as number[], since: performance.now() };

function join(url: URL, stalled: boolean): void {
  const one: One = { bytes: 0, last: performance.now(), gaps: [], open: true };
  crowd.push(one);
  const socket = connect({ host: url.hostname, port: Number(url.port) });
  socket.write(`GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`);
  socket.on('error', () => {});
  socket.on('close', () => {
    one.open = false;
  });
  // It never reads: its window fills, and the kernel takes no more for it.
  if (stalled) return void socket.pause();
  socket.on('data', ({ length }) => {
    const now = performance.now();
    one.bytes += length;
    one.gaps.push(now - one.last);
    one.last = now;
  });
}

async function ask(url: string): Promise<void> {
  for (;;) {
    const from = performance.now();
    const answer = await fetch(url)
      .then((response) => response.arrayBuffer())
      .catch(() => null);
    state.answers.push(answer === null ? Number.POSITIVE_INFINITY : performance.now() - from);
    await wait(ASK_EACH_MS);
  }
}

function report(): CrowdReport {
  const now = performance.now();
  const viewers = crowd.map(({ bytes, gaps, last, open }) => ({ bytes, open, longestMs: Math.max(now - last, ...gaps), gaps }));
  return { ms: now - state.since, answers: state.answers, viewers };
}

process.on('message', (order: CrowdOrder) => {
  if (order.kind === 'join') for (let n = 0; n < order.count; n += 1) join(new URL(order.url), order.stalled);
  if (order.kind === 'ask') void ask(order.url);
  if (order.kind === 'begin') {
    state.answers = [];
    state.since = performance.now();
    for (const one of crowd) Object.assign(one, { bytes: 0, gaps: [], last: state.since });
  }
  if (order.kind === 'report') process.send?.(report());
});
process.on('disconnect', () => process.exit(0));
