// A group's manifest from a real server: conditional, retried, trusted or refused.
import { generateKeyPairSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { silentLog } from '@headgate/agent-router/agent-ground';
import t from 'tap';
import { createFakeClock, type FakeClock } from '../../../agent-router/test/fake-clock.ts';
import { createHttp, openAgents } from '../../src/http.ts';
import { type ManifestStore, openGroupFollower, type StoredManifest } from '../../src/manifest/group-follower.ts';
import { manifestSources } from '../../src/manifest/manifest-source.ts';
import { bytesOf, type ShareServer, signed, startShareServer } from '../share-server.ts';

const HASH = 'a'.repeat(40);
const agents = openAgents(undefined);
t.teardown(() => agents.http.destroy());

function memory(): ManifestStore & { readonly stored: Map<string, StoredManifest> } {
  const stored = new Map<string, StoredManifest>();
  return { stored, read: async (key) => stored.get(key) ?? null, write: async (key, value) => void stored.set(key, value) };
}

type Change = { store?: ManifestStore; publicKey?: string; url?: string; clock?: FakeClock; token?: string; warned?: string[] };
async function follower(
  server: ShareServer,
  { store = memory(), publicKey, url, clock = createFakeClock(), token, warned = [] }: Change = {},
) {
  const [source] = manifestSources({
    url: [url ?? `${server.url}/manifest/family.json`],
    groups: [],
    token: token ?? server.token,
  });
  if (source === undefined) throw new Error('no source');
  const log = { ...silentLog, warn: (_: unknown, text: string) => void warned.push(text) };
  return openGroupFollower({
    source,
    http: createHttp(agents),
    store,
    publicKey: publicKey ?? null,
    attempts: 5,
    clock,
    random: () => 0,
    log,
  });
}
const never = new AbortController().signal;

t.test('row 228: a manifest is fetched with its token as a header, then asked for by its tag', async (t) => {
  await using server = await startShareServer();
  server.publish('family', [server.share(`${HASH}/a.mkv`, bytesOf(10))]);
  const group = await follower(server, {
    url: `${server.url.replace('http://', 'http://node:hgn_in%2Durl@')}/manifest/family.json`,
    token: 'x',
  });
  server.intercept = ({ headers }, response) => {
    if (headers.authorization === 'Bearer hgn_in-url') return false;
    response.writeHead(401).end();
    return true;
  };
  t.equal(await group.refresh(never), false);
  t.match(group.problem(), /its token is wrong/, 'the server takes another one');
  t.equal(server.asked[0]?.headers.authorization, 'Bearer hgn_in-url');
  t.notMatch(group.source.url, 'hgn_in');
  server.intercept = () => false;
  const good = await follower(server);
  t.equal(await good.refresh(never), true);
  t.equal(good.manifest()?.items.length, 1);
  t.equal(await good.refresh(never), false, '304');
  t.equal(good.problem(), null);
});

t.test('a restart begins with what lay on disk, and a 304 is enough', async (t) => {
  await using server = await startShareServer();
  const store = memory();
  server.publish('family', [server.share(`${HASH}/a.mkv`, bytesOf(10))]);
  await (await follower(server, { store })).refresh(never);
  const again = await follower(server, { store });
  t.equal(again.manifest()?.version, 1);
  t.equal(await again.refresh(never), false);
  t.ok(server.asked.at(-1)?.headers['if-none-match']);
});

t.test('row 228: redirects are followed within the same origin only; 404, rubbish and floods are told', async (t) => {
  await using server = await startShareServer();
  await using other = await startShareServer({ token: '' });
  server.publish('family', []);
  other.publish('family', []);
  let to = `${server.url}/manifest/family.json`;
  server.intercept = ({ url }, response) => {
    if (url !== '/manifest/old.json') return false;
    response.writeHead(302, { location: to }).end();
    return true;
  };
  const url = `${server.url}/manifest/old.json`;
  const [plain] = manifestSources({ url: [url], groups: [], token: server.token });
  t.equal(plain?.group, 'old');
  const http = createHttp(agents);
  const ask = { url, mostBytes: 1_000, deadlineMs: 5_000, headers: { authorization: `Bearer ${server.token}` } };
  t.equal((await http(ask, never)).status, 200);
  to = `${other.url}/manifest/family.json`;
  await t.rejects(http(ask, never), { code: 'not_allowed' });
  t.equal(other.asked.length, 0, 'the token went nowhere else');
  to = '/manifest/old.json';
  await t.rejects(http(ask, never), { code: 'bad_answer' });
  const none = await follower(server, { url: `${server.url}/manifest/none.json` });
  await none.refresh(never, 1);
  t.match(none.problem(), /has no none/);
  server.publishRaw('family', 'not a manifest');
  const bad = await follower(server);
  await bad.refresh(never, 1);
  t.match(bad.problem(), /not JSON/);
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  server.intercept = (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    return true;
  };
  await bad.refresh(never, 1);
  t.ok(/larger than/.test(bad.problem() ?? ''), bad.problem() ?? '');
  server.intercept = (_, response) => {
    response.writeHead(200);
    const pour = setInterval(() => response.write(Buffer.alloc(1_000_000)), 1);
    response.on('close', () => clearInterval(pour));
    return true;
  };
  await bad.refresh(never, 1);
  t.match(bad.problem(), /more than 16777216 bytes/);
});

t.test('row 232: five tries, 60 s doubling, then the next poll', async (t) => {
  await using server = await startShareServer();
  server.intercept = (_, response) => {
    response.writeHead(503).end();
    return true;
  };
  const clock = createFakeClock();
  const group = await follower(server, { clock });
  let over = false;
  const refreshed = group.refresh(never).then(() => {
    over = true;
  });
  for (const [index, wait] of [60_000, 120_000, 240_000, 480_000].entries()) {
    while (server.asked.length < index + 1 || clock.sleeping() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await clock.advance(wait - 1);
    t.equal(server.asked.length, index + 1, `not before ${wait} ms`);
    await clock.advance(1);
  }
  await refreshed;
  t.ok(over);
  t.equal(server.asked.length, 5);
  t.match(group.problem(), /503/);
  t.type(group.staleSinceMs(), 'number');
  server.intercept = () => false;
  server.publish('family', []);
  await group.refresh(never);
  t.same([group.problem(), group.staleSinceMs()], [null, null]);
});

t.test('the first key is kept and told; after it nothing unsigned, of another key, older or changed is taken', async (t) => {
  await using server = await startShareServer();
  const store = memory();
  const warned: string[] = [];
  const item = server.share(`${HASH}/a.mkv`, bytesOf(10));
  server.publish('family', [item]);
  server.publish('family', [item]);
  const group = await follower(server, { store, warned });
  await group.refresh(never);
  t.match(warned, [/first key seen/]);
  t.equal(store.stored.get('family')?.trusted.key, server.publicKey);
  const other = generateKeyPairSync('ed25519').privateKey;
  const document = { group: 'family', version: 9, items: [] };
  const tampered = { ...signed(document, other), items: [item] };
  for (const [text, why] of [
    [JSON.stringify(document), /not signed/],
    [JSON.stringify(signed(document, other)), /not with/],
    [
      JSON.stringify({
        ...tampered,
        signature: { ...tampered, algorithm: 'ed25519', key: server.publicKey, value: `${'A'.repeat(86)}==` },
      }),
      /signature is wrong/,
    ],
  ] as const) {
    server.publishRaw('family', text);
    await group.refresh(never, 1);
    t.match(group.problem(), why);
    t.equal(group.manifest()?.version, 2, 'what we have stays');
  }
  server.publish('family', [item], { version: 1 });
  await group.refresh(never, 1);
  t.match(group.problem(), /version 1, and we have had 2/);
  server.publish('family', [], { version: 2 });
  await group.refresh(never, 1);
  t.match(group.problem(), /not the one that we have had/);
  server.publish('family', [], { version: 10 });
  t.equal(await group.refresh(never), true);
  const restarted = await follower(server, { store });
  server.publish('family', [], { version: 9 });
  await restarted.refresh(never, 1);
  t.match(restarted.problem(), /we have had 10/, 'also after a restart');
});

t.test('a configured key stands over what is seen; unsigned is refused at once', async (t) => {
  await using server = await startShareServer();
  server.publishRaw('family', JSON.stringify({ group: 'family', items: [] }));
  const group = await follower(server, { publicKey: server.publicKey });
  await group.refresh(never, 1);
  t.match(group.problem(), /not signed/);
  server.publish('family', []);
  await group.refresh(never);
  t.equal(group.manifest()?.version, 1);
});
