// What an order becomes, and what goes back.
import type { ShaperOrder } from '@headgate/protocol';
import t from 'tap';
import { type KeptOriginal, type Lease, planOrder, planRestore, type ShaperView } from '../../src/shaper/plan-shaper.ts';

const section = { name: 'eth1', enabled: true, device: 'eth1', uploadKbit: 42_000, downloadKbit: 250_000 };
const view: ShaperView = { enabled: true, section, rateTool: false, kept: undefined };
const order: ShaperOrder = { order_id: 'a', wan: 'wan', up_bps: 30_000_000, down_bps: null, ttl_s: 60, reason: 'test' };
const original = { uploadKbit: 42_000, downloadKbit: 250_000 };
const ours = { uploadKbit: 30_000, downloadKbit: 250_000 };
const kept: KeptOriginal = { section: 'eth1', original, written: [ours] };
const lease: Lease = { orderId: 'a', wan: 'wan', section: 'eth1', wanted: ours, endsAtMs: 1 };

t.test('an order keeps the original, then writes; a null direction stays as UCI has it', async (t) => {
  t.same(planOrder(order, view, undefined, 1000), {
    do: 'write',
    lease: { orderId: 'a', wan: 'wan', section: 'eth1', wanted: ours, endsAtMs: 61_000 },
    keep: { section: 'eth1', original, written: [ours] },
  });
});

t.test('the same rate again only makes the lease longer', async (t) => {
  const now: ShaperView = { ...view, section: { ...section, ...ours }, kept };
  t.match(planOrder(order, now, lease, 20_000), { do: 'extend', lease: { endsAtMs: 80_000 } });
  t.match(planOrder({ ...order, up_bps: 30_400_000 }, now, lease, 0), { do: 'extend' }, 'nor does one that nobody would feel');
});

t.test('a second rate keeps the first original', async (t) => {
  const now: ShaperView = { ...view, section: { ...section, ...ours }, kept };
  t.match(planOrder({ ...order, up_bps: 20_000_000 }, now, lease, 0), {
    do: 'write',
    keep: { original, written: [ours, { uploadKbit: 20_000 }] },
  });
});

t.test('a hand edit is the new original', async (t) => {
  const now: ShaperView = { ...view, section: { ...section, uploadKbit: 50_000 }, kept };
  t.match(planOrder(order, now, lease, 0), {
    do: 'write',
    keep: { original: { uploadKbit: 50_000 }, written: [{ uploadKbit: 30_000 }] },
  });
});

t.test('the original is a ceiling', async (t) => {
  t.match(planOrder({ ...order, up_bps: 90_000_000 }, view, undefined, 0), { do: 'extend', lease: { wanted: original } });
});

t.test('both null ends the lease', async (t) => {
  t.same(planOrder({ ...order, up_bps: null }, view, lease, 0), { do: 'release' });
});

const refused: readonly (readonly [string, Partial<ShaperOrder>, Partial<ShaperView>, Lease | undefined, RegExp])[] = [
  ['switched off', {}, { enabled: false }, undefined, /switched off/],
  ['no SQM section', {}, { section: undefined }, undefined, /no section/],
  ['SQM is off', {}, { section: { ...section, enabled: false } }, undefined, /not enabled/],
  ['cake-autorate runs', {}, { rateTool: 'cake-autorate' }, undefined, /cake-autorate sets the rate/],
  ['sqm-autorate runs', {}, { rateTool: 'sqm-autorate' }, undefined, /sqm-autorate sets the rate/],
  ['it runs, and our lease stands', {}, { rateTool: 'cake-autorate', kept }, lease, /one writer only/],
  ['cake-autorate cannot be seen', {}, { rateTool: null }, undefined, /cannot be seen/],
  ['zero', { up_bps: 0 }, {}, undefined, /below 128/],
  ['a crumb', { down_bps: 64_000 }, {}, undefined, /below 128/],
  ['another WAN has the lease', { wan: 'lte' }, {}, lease, /stands/],
];
for (const [what, change, seen, standing, reason] of refused)
  t.test(`refused: ${what}`, async (t) => {
    t.match(planOrder({ ...order, ...change }, { ...view, ...seen }, standing, 0), { do: 'refuse', reason });
  });

t.test(
  'what goes back: the original where ours stands, also one of before a failed write; nothing where another hand was',
  async (t) => {
    const second = { ...kept, written: [ours, { uploadKbit: 20_000, downloadKbit: 250_000 }] };
    t.same(planRestore(kept, ours), original);
    t.same(planRestore(second, ours), original);
    t.equal(planRestore(kept, original), undefined);
    t.equal(planRestore(kept, { uploadKbit: 35_000, downloadKbit: 250_000 }), undefined);
    t.equal(planRestore(kept, undefined), undefined);
  },
);
