// The nodes over REST: what they say of themselves, what may be asked of one, and how one goes.
import type { NodeReport } from '@headgate/protocol';
import t, { type Test } from 'tap';
import { nodeRoutes } from '../../src/distribution/node-routes.ts';
import { bearer, call, serve } from '../http/serve.ts';
import { nodeReportOf, openNodes } from './node-reports.ts';

const report: NodeReport = nodeReportOf(
  (['placed', 'downloading', 'failed'] as const).map((state, i) => ({
    ...{ title: `Film ${i}`, path: `${i}.mkv`, state, bytes_done: 10 * i, bytes_total: i === 2 ? null : 100 },
    problem: state === 'failed' ? 'no answer' : null,
  })),
  {
    groups: [{ group: 'family', version: 4, stale_since: '2026-11-26T00:00:00Z', problem: 'the controller does not answer' }],
    ...{ jellyfin: { had_it_after_s: 1.6, problem: null }, more_placed: 300 },
  },
);

async function open(t: Test) {
  const home = await openNodes(t);
  const { order, forget } = home.shown;
  const { auth, url } = await serve(t, { routes: nodeRoutes({ ...home, site: 'home', order, forget }) });
  const [reader, writer] = [await bearer(auth, 'read'), await bearer(auth, 'write')];
  const post = (path: string, headers = writer) => call(`${url}/api/nodes/${path}`, { method: 'POST', headers });
  return { ...home, url, reader, writer, post };
}

t.test('row 250: progress, disk, errors and since when a group is stale, in short for all and whole for one', async (t) => {
  const home = await open(t);
  const { url, reader: headers } = home;
  await home.tokens.add({ node: 'silent', site: 'home', groups: ['family'] });
  home.presence('pi', 'online');
  home.report('pi', report);
  t.match((await call(`${url}/api/nodes`, { headers })).json, {
    nodes: [
      {
        ...{ node: 'pi', access: null, online: true, version: '0.1.0', heard_at: '2026-11-27T00:00:00.000Z', stale_since: null },
        report: {
          ...{ free_bytes: 7e9, down_bps: 2, items: { placed: 301, downloading: 1, failed: 1, waiting: 0 } },
          ...{ away_up_bps: null, away_down_bps: null },
          ...{ bytes_done: 30, bytes_total: 100, problems: [{ group: 'family', path: '2.mkv', problem: 'no answer' }] },
          ...{ progress_percent: 10, jellyfin: { had_it_after_s: 1.6 }, groups: [{ stale_since: '2026-11-26T00:00:00Z' }] },
        },
      },
      { node: 'silent', access: { site: 'home' }, online: null, stale_since: null, report: null },
    ],
  });
  t.match((await call(`${url}/api/nodes/pi`, { headers })).json, { node: 'pi', items: report.items });
  t.match((await call(`${url}/api/nodes/silent`, { headers })).json, { node: 'silent', items: [] });
  t.equal((await call(`${url}/api/nodes/none`, { headers })).status, 404);
  t.equal((await call(`${url}/api/nodes`)).status, 401);
  await home.clock.advance(1_000);
  home.presence('pi', 'offline');
  await home.clock.advance(60_000);
  t.match((await call(`${url}/api/nodes/pi`, { headers })).json, { online: false, stale_since: '2026-11-27T00:00:01.000Z' });
});

t.test('a node is paused, resumed and told to rescan by who may write; one that hears nothing is told of', async (t) => {
  const home = await open(t);
  const { post } = home;
  await home.tokens.add({ node: 'silent', site: 'home', groups: ['family'] });
  home.presence('pi', 'online');
  for (const word of ['rescan', 'pause', 'resume']) {
    const answer = await post(`pi/${word}`);
    t.equal(answer.status, 202);
    t.same(answer.json, { node: 'pi', ordered: word });
  }
  t.same(
    home.broker.sent.filter(({ topic }) => topic.includes('/set/')),
    [
      { topic: 'headgate/node/pi/set/rescan', payload: 'rescan', retain: false },
      { topic: 'headgate/node/pi/set/paused', payload: 'on', retain: false },
      { topic: 'headgate/node/pi/set/paused', payload: 'off', retain: false },
    ],
  );
  t.equal((await post('pi/pause', home.reader)).status, 403);
  t.equal((await post('pi/pause', {} as typeof home.writer)).status, 401);
  t.equal((await post('none/pause')).status, 404);
  t.match(await post('silent/pause'), { status: 409, json: { error: { message: /silent.*not connected by MQTT/ } } });
  home.presence('pi', 'offline');
  t.match(await post('pi/rescan'), { status: 409, json: { error: { code: 'conflict' } } });
});

t.test('a node that is revoked is forgotten: its token, what it said, and what stands of it at the broker', async (t) => {
  const home = await open(t);
  const { url, writer: headers, reader } = home;
  await home.tokens.add({ node: 'pi', site: 'home', groups: ['family'] });
  home.presence('pi', 'online');
  home.report('pi', report);
  await home.clock.advance(1_000);
  t.same(
    [...home.broker.retained().keys()].sort(),
    ['presence', 'report', 'state'].map((one) => `headgate/node/pi/${one}`),
  );
  t.equal((await call(`${url}/api/nodes/pi`, { method: 'DELETE', headers: reader })).status, 403);
  t.equal((await call(`${url}/api/nodes/pi`, { method: 'DELETE', headers })).status, 204);
  t.same([...home.broker.retained().keys()], []);
  t.same((await call(`${url}/api/nodes`, { headers })).json, { nodes: [] });
  t.equal((await call(`${url}/api/nodes/pi`, { method: 'DELETE', headers })).status, 404);
});
