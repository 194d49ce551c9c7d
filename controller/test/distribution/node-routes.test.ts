// What nodes say of themselves, over REST.
import type { NodeReport, Presence } from '@headgate/protocol';
import t from 'tap';
import { nodeRoutes } from '../../src/distribution/node-routes.ts';
import type { Nodes } from '../../src/distribution/nodes.ts';
import { bearer, call, serve } from '../http/serve.ts';
import { openParts } from './open-distribution.ts';

type Link = Parameters<Nodes['hear']>[0];

const report: NodeReport = {
  ...{ at: '2026-11-27T00:00:00Z', site: 'cabin', paused: false, free_bytes: 7e9, up_bps: 1, down_bps: 2, jellyfin: null },
  ...{ limits_lease_left_s: null, more_placed: 300 },
  groups: [{ group: 'family', version: 4, stale_since: '2026-11-26T00:00:00Z', problem: 'the controller does not answer' }],
  items: (['placed', 'downloading', 'failed'] as const).map((state, i) => ({
    ...{ group: 'family', title: `Film ${i}`, path: `${i}.mkv`, state, bytes_done: 10 * i, bytes_total: i === 2 ? null : 100 },
    ...{ up_bps: 0, down_bps: 0, peers: 0, seeding: false, problem: state === 'failed' ? 'no space' : null },
  })),
};

t.test('row 250: progress, disk, errors and since when a group is stale, in short for all and whole for one', async (t) => {
  const parts = await openParts(t);
  const heard = new Map<string, (message: unknown) => void>();
  const link = {
    hear: async (key: string, listener: (message: unknown) => void) => {
      heard.set(key, listener);
      return async () => void heard.delete(key);
    },
  } as unknown as Link;
  const ending = new AbortController();
  const hearing = parts.nodes.hear(link, ending.signal);
  await Promise.resolve();
  const { auth, url } = await serve(t, { routes: nodeRoutes({ ...parts, site: 'home' }) });
  const headers = await bearer(auth, 'read');
  await parts.tokens.add({ node: 'silent', site: 'home', groups: ['family'] });
  const presence: Presence = { state: 'online', version: '0.1.0', boot_id: 'b' };
  heard.get('nodePresence')?.({ value: presence, names: { node: 'pi' }, retained: true });
  heard.get('nodeReport')?.({ value: report, names: { node: 'pi' }, retained: true });
  t.match((await call(`${url}/api/nodes`, { headers })).json, {
    nodes: [
      {
        ...{ node: 'pi', access: null, online: true, version: '0.1.0', heard_at: '2026-11-27T00:00:00.000Z' },
        report: {
          ...{ free_bytes: 7e9, down_bps: 2, items: { placed: 301, downloading: 1, failed: 1, waiting: 0 } },
          ...{ bytes_done: 30, bytes_total: 100, problems: [{ group: 'family', path: '2.mkv', problem: 'no space' }] },
          groups: [{ stale_since: '2026-11-26T00:00:00Z' }],
        },
      },
      { node: 'silent', access: { site: 'home' }, online: null, report: null },
    ],
  });
  t.match((await call(`${url}/api/nodes/pi`, { headers })).json, { node: 'pi', items: report.items });
  t.match((await call(`${url}/api/nodes/silent`, { headers })).json, { node: 'silent', items: [] });
  t.equal((await call(`${url}/api/nodes/none`, { headers })).status, 404);
  t.equal((await call(`${url}/api/nodes`)).status, 401);
  ending.abort();
  await hearing;
  t.equal(heard.size, 0);
});
