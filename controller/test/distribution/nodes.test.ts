// A node that went silent is seen, whoever ended it: it said good-bye, it was cut off, or it hangs.
import t from 'tap';
import { nodeReportOf, openNodes } from './node-reports.ts';

const MINUTE_MS = 60_000;
const iso = (ms: number | null | undefined): string | null => (ms == null ? null : new Date(ms).toISOString());

t.test('a node is silent from its good-bye on, or from its last word on when it hangs', async (t) => {
  const { nodes, presence, report, clock } = await openNodes(t);
  const stale = (): string | null => iso(nodes.get('pi')?.staleSince);
  presence('pi', 'online');
  report('pi', nodeReportOf([]));
  t.equal(stale(), null);
  await clock.advance(10 * MINUTE_MS);
  t.equal(stale(), null);
  await clock.advance(7 * MINUTE_MS);
  t.equal(stale(), '2026-11-27T00:00:00.000Z', 'it says nothing since, though nobody told that it is gone');
  report('pi', nodeReportOf([]));
  t.equal(stale(), null);
  presence('pi', 'offline');
  await clock.advance(MINUTE_MS);
  t.equal(stale(), '2026-11-27T00:17:00.000Z');
  presence('pi', 'online');
  t.equal(stale(), null);
});

t.test('after a start: what the broker kept is as old as it says', async (t) => {
  const presence = (state: string, at?: string) => JSON.stringify({ state, version: '0.1.0', boot_id: 'b', ...(at && { at }) });
  const { nodes, clock } = await openNodes(t, {
    kept: {
      'headgate/node/cut/presence': presence('offline'),
      'headgate/node/cut/report': JSON.stringify(nodeReportOf([], { at: '2026-11-25T10:00:00Z' })),
      'headgate/node/left/presence': presence('offline', '2026-11-26T10:00:00Z'),
      'headgate/node/mute/presence': presence('offline'),
      'headgate/node/well/presence': presence('online', '2026-11-01T00:00:00Z'),
      'headgate/node/well/report': JSON.stringify(nodeReportOf([], { at: '2026-11-26T23:58:00Z' })),
      'headgate/node/ahead/report': JSON.stringify(nodeReportOf([], { at: '2027-11-26T23:58:00Z' })),
    },
  });
  t.same(Object.fromEntries(nodes.all().map(({ node, staleSince }) => [node, iso(staleSince)])), {
    ahead: null,
    cut: '2026-11-25T10:00:00.000Z',
    left: '2026-11-26T10:00:00.000Z',
    mute: iso(clock.now()),
    well: null,
  });
});
