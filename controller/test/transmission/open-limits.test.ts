// The real 3.00: what is written stands as it is told, each in its slot, and what was there before comes back exactly.
import t from 'tap';
import { hasTransmission, startTransmission } from '../../../deploy/demo/transmission/start-transmission.ts';
import type { LimitSlot } from '../../src/neighbours/download-client.ts';
import { patience } from '../qbittorrent/open-test-client.ts';
import { openBrowser, openTestClient, speedSettings } from './open-test-client.ts';

const skip = !(await hasTransmission()) && 'transmission-daemon is not installed';
const slots: readonly (LimitSlot & { readonly key: string })[] = [
  { direction: 'upload', mode: 'normal', key: 'speed-limit-up' },
  { direction: 'download', mode: 'normal', key: 'speed-limit-down' },
  { direction: 'upload', mode: 'alternative', key: 'alt-speed-up' },
  { direction: 'download', mode: 'alternative', key: 'alt-speed-down' },
];

t.test('caps of any size stand in their slot as rounded, and nowhere else', { skip }, async (t) => {
  await using daemon = await startTransmission();
  const browser = openBrowser(daemon.url);
  await using client = openTestClient(daemon.url);
  let before = await speedSettings(browser);
  const rates = [2, 8_000, 15_999, 5_600_000, 5_607_999, 34_359_736_000, 34_359_744_000, 1e15];
  for (const { key, ...slot } of slots) {
    for (const bps of rates) {
      const { afterBps, written } = await client.changeLimit(slot, async () => bps, patience());
      const rounded = client.rounded(bps, slot.direction);
      t.same([afterBps, written], [rounded, true], `${key}: ${bps} bit/s`);
      const on = slot.mode === 'normal' ? { [`${key}-enabled`]: true } : {};
      const after = await speedSettings(browser);
      t.same(after, { ...before, [key]: rounded / 8_000, ...on });
      before = after;
    }
  }
});

t.test('what stood in all four slots comes back exactly, off or on, 0 or not', { skip }, async (t) => {
  await using daemon = await startTransmission();
  const browser = openBrowser(daemon.url);
  await using client = openTestClient(daemon.url);
  for (const speed of [0, 1, 33, 700, 4_294_967])
    for (const enabled of [false, true]) {
      await browser('session-set', {
        'speed-limit-up': speed,
        'speed-limit-up-enabled': enabled,
        'speed-limit-down': speed,
        'speed-limit-down-enabled': enabled,
        'alt-speed-up': speed,
        'alt-speed-down': speed,
        'alt-speed-enabled': enabled,
        'alt-speed-time-begin': 61,
      });
      const original = await speedSettings(browser);
      for (const slot of slots) {
        const { beforeBps } = await client.changeLimit(slot, async () => 160_000, patience());
        const isNone = slot.mode === 'normal' && !enabled;
        t.equal(beforeBps > 0, !isNone, `${slot.key} ${speed} ${enabled} is ${beforeBps}`);
        t.notSame(await speedSettings(browser), original);
        t.same(await client.changeLimit(slot, async () => beforeBps, patience()), {
          beforeBps: 160_000,
          afterBps: beforeBps,
          written: true,
        });
      }
      t.same(await speedSettings(browser), original);
    }
});

t.test('a mode toggled under a write sends it into no other slot, and the mode stays as its user has it', { skip }, async (t) => {
  await using daemon = await startTransmission();
  const browser = openBrowser(daemon.url);
  await using client = openTestClient(daemon.url);
  for (const alternative of [true, false])
    for (const { key, ...slot } of slots) {
      await browser('session-set', { 'alt-speed-enabled': !alternative, [key]: 50, [`${key}-enabled`]: true });
      const before = await speedSettings(browser);
      const toggle = async (): Promise<number> => {
        await browser('session-set', { 'alt-speed-enabled': alternative });
        return 8 * 222_000;
      };
      await client.changeLimit(slot, toggle, patience());
      t.same(await speedSettings(browser), { ...before, 'alt-speed-enabled': alternative, [key]: 222 }, key);
    }
});

t.test('the decision sees the limit that stands; where it throws or is no rate, nothing is written', { skip }, async (t) => {
  await using daemon = await startTransmission();
  const browser = openBrowser(daemon.url);
  await using client = openTestClient(daemon.url);
  const before = await speedSettings(browser);
  const upload = { direction: 'upload', mode: 'normal' } as const;
  const full = new Error('disk full');
  await t.rejects(
    client.changeLimit(upload, async () => Promise.reject(full), patience()),
    full,
  );
  for (const wrong of [Number.NaN, Infinity, Number.NEGATIVE_INFINITY])
    await t.rejects(
      client.changeLimit(upload, async () => wrong, patience()),
      { code: 'input_invalid' },
    );
  for (const none of [0, -8_000])
    await t.rejects(
      client.changeLimit({ direction: 'upload', mode: 'alternative' }, async () => none, patience()),
      { code: 'input_invalid', message: /have no switch/ },
    );
  t.same(await client.changeLimit(upload, async (stands) => (stands === -800_000 ? null : 1), patience()), {
    beforeBps: -800_000,
    afterBps: -800_000,
    written: false,
  });
  t.same(await speedSettings(browser), before);
});

t.test('changes go one at a time: each sees what the one before it left', { skip }, async (t) => {
  await using daemon = await startTransmission({ settings: { 'speed-limit-up': 1, 'speed-limit-up-enabled': true } });
  await using client = openTestClient(daemon.url);
  const more = async (stands: number): Promise<number> => stands + 8_000;
  const slot = { direction: 'upload', mode: 'normal' } as const;
  const changes = await Promise.all(Array.from({ length: 10 }, () => client.changeLimit(slot, more, patience())));
  t.equal(changes.at(-1)?.afterBps, 11 * 8_000);
});
