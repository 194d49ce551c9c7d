// The SQM message: what is wanted, what is true, who owns it, and whether it is full.
import t from 'tap';
import type { QueueSection } from '../../src/router/answers.ts';
import { type SqmSnapshot, sqmOfWan } from '../../src/telemetry/sqm-of-wan.ts';
import { rootQdiscs } from '../../src/telemetry/sqm-parse.ts';
import { recording } from '../recording.ts';

const wan = { l3Device: 'eth1', device: 'eth1' };
const section: QueueSection = { name: 'eth1', enabled: true, device: 'eth1', uploadKbit: 10_000, downloadKbit: 85_000 };
const snapshot = (clockS: number, qdiscs: unknown, more: Partial<SqmSnapshot> = {}): SqmSnapshot => ({
  clockS,
  sections: [section],
  roots: rootQdiscs(qdiscs),
  rateTool: false,
  ...more,
});
const cake = (bytes: number, delay: number, backlog = 0): unknown => [
  {
    kind: 'cake',
    dev: 'eth1',
    root: true,
    options: { bandwidth: 1_250_000 },
    bytes,
    backlog,
    tins: [
      {
        sent_bytes: bytes,
        sent_packets: Math.floor(bytes / 1000),
        avg_delay_us: delay,
        peak_delay_us: delay * 2,
        base_delay_us: 10,
        target_us: 5000,
      },
    ],
  },
];
const fifo = (drops: number, backlog: number): unknown => [
  { kind: 'fq_codel', dev: 'eth1', root: true, bytes: drops * 9000, drops, backlog },
];

t.test('idle to loaded, by a real kernel: rates, delays, saturated', async (t) => {
  const idle = snapshot(0, recording('tc-1-cake-idle.json'));
  const busy = snapshot(4, recording('tc-2-cake-upload.json'));
  t.match(sqmOfWan(wan, busy, idle, false), {
    configured: true,
    enabled: true,
    rate_owner: 'static',
    saturated: true,
    up: { device: 'eth1', configured_bps: 10_000_000, live_bps: 10_000_000, saturated: true, tins: [{ avg_delay_us: 6090 }] },
    down: { device: 'ifb4eth1', live_bps: 85_000_000, saturated: false },
  });
});

t.test('delays are frozen when no packet passed, so they are null', async (t) => {
  const one = snapshot(0, recording('tc-2-cake-upload.json'));
  t.match(sqmOfWan(wan, { ...one, clockS: 5 }, one, false).up?.tins, [
    { avg_delay_us: null, peak_delay_us: null, base_delay_us: null },
  ]);
});

const saturated: readonly (readonly [string, unknown, unknown, boolean | null])[] = [
  ['cake at its rate with rising delay', cake(0, 100), cake(6_200_000, 4000), true],
  ['cake at its rate with the delay standing at its target', cake(0, 6000), cake(6_200_000, 5900), true],
  ['cake at its rate with falling, low delay', cake(0, 3000), cake(6_200_000, 900), false],
  ['cake at its rate with a delay that only trembles', cake(0, 100), cake(6_200_000, 180), false],
  ['cake at 89 % of its rate with rising delay', cake(0, 100), cake(5_562_000, 4000), false],
  ['cake at 80 % with rising delay', cake(0, 100), cake(5_000_000, 4000), false],
  ['cake that was made anew', cake(9_000_000, 6000), cake(1000, 9000), false],
  ['others with backlog and drops rising', fifo(10, 100), fifo(20, 200), true],
  ['others with drops but an empty queue', fifo(10, 100), fifo(20, 0), false],
  ['others with a queue but no drops', fifo(10, 100), fifo(10, 200), false],
];
for (const [what, first, second, wanted] of saturated)
  t.test(`saturated is ${wanted} for ${what}`, async (t) => {
    t.equal(sqmOfWan(wan, snapshot(5, second), snapshot(0, first), false).saturated, wanted);
  });

t.test('the first reading does not know whether it is saturated', async (t) => {
  t.equal(sqmOfWan(wan, snapshot(5, cake(100, 10)), undefined, false).saturated, null);
});

t.test('no SQM is no error', async (t) => {
  const none = { configured: false, enabled: false, up: null, down: null, rate_owner: null, saturated: null };
  t.same(sqmOfWan(wan, snapshot(0, recording('tc-0-none.json'), { sections: null }), undefined, false), none);
  t.same(sqmOfWan(wan, snapshot(0, [], { sections: [{ ...section, device: 'eth9' }] }), undefined, false), none);
});

t.test('SQM on the device below a PPPoE one counts for that WAN', async (t) => {
  t.match(
    sqmOfWan({ l3Device: 'pppoe-wan', device: 'eth1' }, snapshot(0, recording('tc-2-cake-upload.json')), undefined, false),
    { configured: true },
  );
});

t.test('tc without JSON leaves the configured rates', async (t) => {
  const state = sqmOfWan(wan, snapshot(0, null), undefined, false);
  t.match(state, {
    up: { configured_bps: 10_000_000, live_bps: null, qdisc: 'unknown' },
    down: { device: 'ifb4eth1' },
    saturated: null,
  });
});

t.test('a direction with rate 0 is not shaped, and a section that is off shapes nothing', async (t) => {
  t.match(sqmOfWan(wan, snapshot(0, cake(0, 0), { sections: [{ ...section, downloadKbit: 0 }] }), undefined, false), {
    down: null,
  });
  t.match(sqmOfWan(wan, snapshot(0, cake(0, 0), { sections: [{ ...section, enabled: false }] }), undefined, false), {
    enabled: false,
    up: null,
    rate_owner: null,
  });
});

t.test('who sets the rate: cake-autorate before us, us before UCI', async (t) => {
  t.equal(sqmOfWan(wan, snapshot(0, cake(0, 0), { rateTool: 'cake-autorate' }), undefined, true).rate_owner, 'cake-autorate');
  t.equal(sqmOfWan(wan, snapshot(0, cake(0, 0), { rateTool: 'sqm-autorate' }), undefined, true).rate_owner, 'sqm-autorate');
  t.equal(sqmOfWan(wan, snapshot(0, cake(0, 0)), undefined, true).rate_owner, 'headgate');
  t.equal(sqmOfWan(wan, snapshot(0, cake(0, 0)), undefined, false).rate_owner, 'static');
});
