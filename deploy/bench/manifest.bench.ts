// A manifest of 200 items, served by the controller's real program with a line of log for each request, to a node with its token.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDistributionHome } from '../test/end-to-end/fixtures/distribution-home.ts';
import { type Bench, type BenchLine, judge } from './bench-line.ts';
import { median } from './figures.ts';
import { startFlask } from './flask-manifests.ts';
import { rateOf } from './http-load.ts';
import { manifestItems } from './manifest-items.ts';

const name = 'manifest';
const ITEMS = 200;
const ROUNDS = 5;
const ROUND_MS = 2_000;
export const bench: Bench = {
  name,
  async lines() {
    await using stack = new AsyncDisposableStack();
    const home = await startDistributionHome({ teardown: (end) => stack.defer(async () => void (await end())) });
    const api = await home.logIn();
    const items = manifestItems(ITEMS);
    await api.call('POST', '/manifest/family.json', { items });
    const { body } = await api.call('POST', '/api/nodes', { node: 'bench', groups: ['family'] });
    const node = { authorization: `Bearer ${(body as { readonly token: string }).token}` };
    const url = `${home.httpUrl}/manifest/family.json`;
    const etag = (await fetch(url, { headers: { ...node, 'accept-encoding': 'identity' } })).headers.get('etag') ?? '';
    const folder = await mkdtemp(join(tmpdir(), 'headgate-flask-'));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'family.json'), JSON.stringify({ group: 'family', items }, null, 2));
    const peer = `${stack.use(await startFlask(folder)).url}/manifest/family.json`;
    const first = await fetch(peer);
    await first.arrayBuffer();
    const peerTag = first.headers.get('etag') ?? '';
    const rates = { known: [] as number[], whole: [] as number[], peerKnown: [] as number[], peerWhole: [] as number[] };
    for (let round = -1; round < ROUNDS; round += 1) {
      const known = await perSecond(url, { ...node, 'if-none-match': etag }, 304);
      const peerKnown = await perSecond(peer, { 'if-none-match': peerTag }, 304);
      const whole = await perSecond(url, node, 200);
      const peerWhole = await perSecond(peer, {}, 200);
      // The first round is the engine's warming up.
      if (round < 0) continue;
      rates.known.push(known);
      rates.peerKnown.push(peerKnown);
      rates.whole.push(whole);
      rates.peerWhole.push(peerWhole);
    }
    return [
      line(`answers 304`, { ours: rates.known, peers: rates.peerKnown }, 5_000),
      line(`answers 200, not compressed`, { ours: rates.whole, peers: rates.peerWhole }, 3_000),
    ];
  },
};

async function perSecond(url: string, headers: Readonly<Record<string, string>>, wanted: number): Promise<number> {
  const { perSecond: rate, status } = await rateOf({ url, connections: 16, ms: ROUND_MS, headers });
  if (status !== wanted) throw new Error(`${status} instead of ${wanted}`);
  return rate;
}

function line(
  what: string,
  { ours, peers }: { readonly ours: readonly number[]; readonly peers: readonly number[] },
  atLeast: number,
): BenchLine {
  const baseline = { name: 'Flask, as the former manifest server', value: Math.round(median(peers)) };
  return judge(
    { name, line: `${what}, ${ITEMS} items, median of ${ours.length}`, value: Math.round(median(ours)), unit: '/s', baseline },
    { atLeast },
  );
}
