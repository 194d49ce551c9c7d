// tc's JSON, as real kernels printed it.
import t from 'tap';
import { ifbOf, rootQdiscs } from '../../src/telemetry/sqm-parse.ts';
import { recording, recordingText } from '../recording.ts';

t.test('cake: bytes/s become bit/s, upload on the device and download on its ifb', async (t) => {
  const roots = rootQdiscs(recording('tc-2-cake-upload.json'));
  t.match(roots?.get('eth1'), { kind: 'cake', rateBps: 10_000_000, backlogBytes: 9084, drops: 19, bytes: 4_792_729 });
  t.match(roots?.get('eth1')?.tins, [
    { name: 'best_effort', thresholdBps: 10_000_000, avgDelayUs: 6090, peakDelayUs: 9936, targetUs: 5000 },
  ]);
  t.match(roots && ifbOf('eth1', roots), { device: 'ifb4eth1', rateBps: 85_000_000 });
});

t.test('without SQM there are roots without a rate', async (t) => {
  const roots = rootQdiscs(recording('tc-0-none.json'));
  t.match(roots?.get('eth1'), { kind: 'noqueue', rateBps: null, tins: [] });
  t.equal(roots && ifbOf('eth1', roots), undefined);
});

t.test('htb with fq_codel: the leaf is named, the rate is not told', async (t) => {
  const [htb] = [
    ...(rootQdiscs((recording('tc-5-htb-fqcodel.json') as object[]).map((one) => ({ ...one, dev: 'eth1' })))?.values() ?? []),
  ];
  t.match(htb, { kind: 'htb+fq_codel', rateBps: null, drops: 18, backlogBytes: 9084 });
});

t.test('diffserv4 has four named tins', async (t) => {
  const all = (recording('tc-4-cake-diffserv4.json') as object[]).map((one) => ({ ...one, dev: 'eth1' }));
  t.same(
    rootQdiscs(all)
      ?.get('eth1')
      ?.tins.map((tin) => tin.name),
    ['bulk', 'best_effort', 'video', 'voice'],
  );
});

t.test('an unlimited cake has no rate', async (t) => {
  t.match(rootQdiscs([{ kind: 'cake', dev: 'eth1', root: true, options: { bandwidth: 'unlimited' } }])?.get('eth1'), {
    rateBps: null,
  });
});

t.test('the ifb of a long device name is found in its short form', async (t) => {
  const roots = rootQdiscs([{ kind: 'cake', dev: 'ifb4pppoe-wan-l', root: true, options: { bandwidth: 125 } }]);
  t.match(roots && ifbOf('pppoe-wan-long', roots), { rateBps: 1000 });
  t.equal(roots && ifbOf('pppoe-b', roots), undefined);
});

for (const answer of [recordingText('tc-5-htb-class-NOT-JSON.txt'), null, {}, 'x', 5])
  t.test(`no list is no answer: ${JSON.stringify(answer).slice(0, 20)}`, async (t) => {
    t.equal(rootQdiscs(answer), undefined);
  });

t.test('entries that make no sense are left out, the others stay', async (t) => {
  const roots = rootQdiscs([
    null,
    7,
    { kind: 1 },
    { kind: 'cake', dev: 'eth1', root: true, bytes: 'many' },
    { kind: 'fifo', dev: 'eth2', root: true },
  ]);
  t.same([...(roots?.keys() ?? [])], ['eth2']);
});
