// Sinks as the configuration names them, against real servers: what is sent, who is trusted, and what comes of answers that are none.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { stringify } from 'yaml';
import { type NtfySimulatorOptions, startNtfySimulator } from '../../../../deploy/demo/ntfy/start-ntfy-simulator.ts';
import { isSigned, startWebhookReceiver } from '../../../../deploy/demo/webhook/start-webhook-receiver.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import type { Message } from '../../../src/notify/notification.ts';
import { openSink } from '../../../src/wiring/notifications/open-sink.ts';
import { makeCertificate } from '../../http-client/make-certificate.ts';

const MESSAGE: Message = {
  ...{ id: 'event-1', at: '2026-11-21T12:00:00.000Z', type: 'high_demand_began', severity: 'info' },
  ...{
    title: 'High demand',
    text: 'Grüße aus Ü: „3 Streams“ 📺',
    details: { streams: 3, viewers: 'main/Zoë' },
    repeats: 0,
    lost: 0,
  },
};
const patience = (): AbortSignal => AbortSignal.timeout(20_000);

/** @param timeoutMs of one exchange */
async function sinkOf(t: Test, keys: Readonly<Record<string, unknown>>, timeoutMs = 5_000) {
  const path = join(t.testdir(), 'controller.yaml');
  await writeFile(path, stringify({ home: { name: 'Lindenhof' }, notifications: { sinks: [{ name: 'sink', ...keys }] } }), {
    mode: 0o600,
  });
  const { notifications } = await loadConfig({ path, env: {}, algorithms: ['demand'] });
  const [first] = notifications.sinks;
  if (first === undefined) throw new Error('no sink');
  const sink = openSink(first, { home: 'Lindenhof', publicUrl: 'https://headgate.example', now: () => Date.now(), timeoutMs });
  t.teardown(() => sink[Symbol.asyncDispose]());
  return (change: Partial<Message> = {}) => sink.send({ ...MESSAGE, ...change }, patience());
}

t.test('a webhook gets one JSON object, whatever letters are in it, at its whole address', async (t) => {
  await using receiver = await startWebhookReceiver({ path: '/api/webhook/a%20b?key=s3cr3t&x=%C3%BC' });
  const send = await sinkOf(t, { type: 'webhook', url: `${receiver.url}/api/webhook/a%20b?key=s3cr3t&x=%C3%BC` });
  t.same(await send(), { kind: 'delivered' });
  const [received] = receiver.received();
  t.same(JSON.parse(received?.body ?? ''), { ...MESSAGE, home: 'Lindenhof', source: 'headgate' });
  t.match(received?.headers, { 'webhook-id': 'event-1', 'user-agent': /^Headgate\// });
  t.notOk(received?.headers['webhook-signature']);
});

t.test('a secret signs, as the libraries of Standard Webhooks check it; another secret does not', async (t) => {
  const secret = `whsec_${Buffer.from('a key of twenty-four bytes').toString('base64')}`;
  for (const given of [secret, 'just words']) {
    await using receiver = await startWebhookReceiver({ secret: given });
    const send = await sinkOf(t, { type: 'webhook', url: receiver.url, secret: given });
    t.same(await send(), { kind: 'delivered' }, given);
    const [{ headers, body } = { headers: {}, body: '' }] = receiver.received();
    t.notOk(isSigned(headers, `${body} `, given), 'a changed body is not');
    const wrong = await sinkOf(t, { type: 'webhook', url: receiver.url, secret: 'another one' });
    t.match(await wrong(), { kind: 'refused', problem: 'HTTP 401, it does not know us: wrong key or password' });
  }
});

t.test('one more header', async (t) => {
  await using receiver = await startWebhookReceiver({ header: ['authorization', 'Bearer abc def'] });
  t.match(await (await sinkOf(t, { type: 'webhook', url: receiver.url, header_value: 'Bearer abc def' }))(), {
    kind: 'delivered',
  });
});

t.test('ntfy gets title, words, priority and tags as they are, with a token, a password or neither', async (t) => {
  const users: NtfySimulatorOptions['users'] = [
    { username: 'hôme', password: 'pass:wörd', token: 'tk_0123456789', topics: ['alarms'] },
    { username: 'guest', password: 'guest', topics: [] },
  ];
  await using ntfy = await startNtfySimulator({ users });
  const ways = [
    { keys: { token: 'tk_0123456789' }, is: { kind: 'delivered' } },
    { keys: { username: 'hôme', password: 'pass:wörd' }, is: { kind: 'delivered' } },
    { keys: { username: 'hôme', password: 'wrong' }, is: { kind: 'refused', problem: 'HTTP 401, unauthorized (ntfy 40101)' } },
    { keys: { username: 'guest', password: 'guest' }, is: { kind: 'refused', problem: 'HTTP 403, forbidden (ntfy 40301)' } },
    { keys: {}, is: { kind: 'refused', problem: 'HTTP 403, forbidden (ntfy 40301)' } },
  ];
  for (const { keys, is } of ways)
    t.same(await (await sinkOf(t, { type: 'ntfy', url: ntfy.url, topic: 'alarms', ...keys }))(), is, JSON.stringify(keys));
  t.equal(ntfy.published.length, 2);
  t.same(ntfy.published[0], {
    topic: 'alarms',
    title: 'Headgate: High demand',
    message: MESSAGE.text,
    priority: 3,
    tags: ['information_source'],
    click: 'https://headgate.example',
  });
  const loud = await sinkOf(t, {
    type: 'ntfy',
    url: ntfy.url,
    topic: 'alarms',
    token: 'tk_0123456789',
    priority: { warning: 2 },
  });
  await loud({ severity: 'error' });
  await loud({ severity: 'warning' });
  t.same(
    ntfy.published.slice(2).map(({ priority, tags }) => [priority, ...tags]),
    [
      [5, 'rotating_light'],
      [2, 'warning'],
    ],
  );
});

t.test('what ntfy would make an attachment of, or refuse as too large, is cut at a whole letter', async (t) => {
  await using ntfy = await startNtfySimulator();
  const send = await sinkOf(t, { type: 'ntfy', url: ntfy.url, topic: 'alarms' });
  for (const text of ['ü'.repeat(5_000), '📺'.repeat(3_000), '"\\\n'.repeat(4_000), '\u0007'.repeat(9_000)])
    t.same(await send({ text, title: text }), { kind: 'delivered' }, JSON.stringify(text.slice(0, 2)));
  t.equal(ntfy.published.length, 4);
  t.ok(ntfy.published.every(({ message }) => Buffer.byteLength(message) <= 3_500 && !message.includes('\uFFFD')));
});

t.test('the stand-in refuses what the real one does', async (t) => {
  await using ntfy = await startNtfySimulator({ burst: 8 });
  const post = async (body: unknown, path = '/'): Promise<string> => {
    const answer = await fetch(`${ntfy.url}${path}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const { code } = (await answer.json()) as { readonly code?: number };
    return `${answer.status} ${code ?? ''}`.trim();
  };
  t.equal(await post({ topic: 'a', message: 'x'.repeat(4_096) }), '400 40014');
  t.equal(await post({ topic: 'a', message: 'x'.repeat(4_095) }), '200');
  t.equal(await post({ topic: 'a', message: '"'.repeat(4_090) }), '413 41303');
  t.equal(await post({ topic: 'a b', message: 'x' }), '400 40009');
  t.equal(await post({ topic: 'docs', message: 'x' }), '400 40010');
  t.equal(await post({ topic: 'a', priority: 6 }), '400 40007');
  t.equal(await post({ topic: 'a', priority: 'high' }), '400 40024');
  t.equal(await post('{'), '400 40024');
  t.equal(await post({ topic: 'a' }, '/no/such'), '404 40401');
  for (let i = 0; i < 4; i += 1) await post({ topic: 'a' });
  t.equal(await post({ topic: 'a' }), '429 42901');
});

t.test('a web server that is no ntfy is told apart while somebody waits for the test', async (t) => {
  await using receiver = await startWebhookReceiver();
  const send = await sinkOf(t, { type: 'ntfy', url: receiver.url, topic: 'alarms' });
  t.same(await send({ type: 'test' }), { kind: 'refused', problem: 'HTTP 200, but what answers there is no ntfy' });
  await using ntfy = await startNtfySimulator();
  t.same(await (await sinkOf(t, { type: 'ntfy', url: ntfy.url, topic: 'alarms' }))({ type: 'test' }), { kind: 'delivered' });
});

t.test('a dead port, a server that hangs, one that hangs up, one that leads elsewhere', async (t) => {
  await using elsewhere = await startWebhookReceiver();
  await using receiver = await startWebhookReceiver();
  const send = await sinkOf(t, { type: 'webhook', url: `${receiver.url}/k3y-in-the-path?token=abcd` }, 300);
  receiver.setMood({ answer: 'hang' });
  await t.rejects(send(), { code: 'timeout', message: 'sink did not answer in time' });
  receiver.setMood({ answer: 'cut' });
  await t.rejects(send(), { code: 'upstream_unreachable', message: 'sink closed the connection' });
  receiver.setMood({ reply: { status: 307, headers: { location: `${elsewhere.url}/` } } });
  t.match(await send(), { kind: 'refused', problem: /^HTTP 307, it sends us elsewhere/ });
  t.equal(elsewhere.received().length, 0, 'nothing goes there');
  receiver.setMood({ reply: { status: 500 }, answer: 'flood' });
  await t.rejects(send(), { code: 'upstream_failed', message: 'sink answered with more than 262144 bytes' });
  receiver.setMood({ reply: { status: 500 }, answer: 'slow-body' });
  await t.rejects(send(), { code: 'timeout' });
  receiver.setMood({ answer: 'slow-body' });
  const from = performance.now();
  t.same(await send(), { kind: 'delivered' });
  t.ok(performance.now() - from < 250, 'the status is enough');
  await receiver.powerOff();
  const error = await send().then(
    () => null,
    (failure: unknown) => failure as Error & { code: string },
  );
  t.match(error, { code: 'upstream_unreachable' });
  t.notMatch(`${error?.message}`, /k3y|abcd|127/);
});

t.test('https: an unknown certificate is refused, a pinned one is not', async (t) => {
  const { key, cert, fingerprint } = await makeCertificate();
  await using receiver = await startWebhookReceiver({ tls: { key, cert } });
  const keys = { type: 'webhook', url: receiver.url };
  await t.rejects((await sinkOf(t, keys))(), { code: 'upstream_unreachable', message: /self-signed certificate/ });
  t.match(await (await sinkOf(t, { ...keys, certificate_sha256: fingerprint }))(), { kind: 'delivered' });
  await t.rejects((await sinkOf(t, { ...keys, certificate_sha256: 'ab'.repeat(32) }))(), { message: /another certificate/ });
  t.equal(receiver.received().length, 1);
});
