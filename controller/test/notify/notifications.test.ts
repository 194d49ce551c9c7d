// Row 71: what happens reaches each sink once, through its outages and our restarts.
import { rm } from 'node:fs/promises';
import t from 'tap';
import { startNtfySimulator } from '../../../deploy/demo/ntfy/start-ntfy-simulator.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../../deploy/demo/webhook/start-webhook-receiver.ts';
import { waitUntil } from '../bandwidth/fixtures/wait-until.ts';
import { createFakeClock } from '../fixtures/fake-clock.ts';
import { back, event, notifiedHome, type SinkKeys, silent } from './fixtures/notified-home.ts';

const MIN = 60_000;
const hook = (receiver: WebhookReceiver, change: Readonly<Record<string, unknown>> = {}): SinkKeys => ({
  ...{ name: 'hook', type: 'webhook', url: `${receiver.url}/hook` },
  ...change,
});
const texts = (receiver: WebhookReceiver): string[] => receiver.messages().map(({ text }) => text);
const arrived = (receiver: WebhookReceiver, count: number) =>
  waitUntil(
    () => `${count} messages, not ${receiver.messages().length}`,
    () => receiver.messages().length >= count,
  );

t.test(
  'row 71: beginning and end of high demand reach webhook, ntfy and MQTT once each, however often they are told',
  async (t) => {
    await using receiver = await startWebhookReceiver();
    await using ntfy = await startNtfySimulator();
    const home = await notifiedHome(t, [hook(receiver), { name: 'phone', type: 'ntfy', url: ntfy.url, topic: 'home' }]);
    const began = event('high_demand_began', { streams: 3, wanted_bps: 32e6 }, { text: '3 remote streams want 32 Mbit/s.' });
    home.tell(began, began);
    home.tell({ ...began, text: 'the same in other words', details: { streams: 4 } });
    home.tell(event('high_demand_ended', {}, { text: 'It is over.' }));
    await arrived(receiver, 2);
    await waitUntil('both at the phone', () => ntfy.published.length >= 2);
    t.match(receiver.messages(), [
      {
        type: 'high_demand_began',
        severity: 'info',
        title: 'High demand',
        text: '3 remote streams want 32 Mbit/s.',
        details: { streams: 3 },
      },
      { type: 'high_demand_ended', title: 'High demand is over', home: 'Lindenhof', lost: 0 },
    ]);
    t.match(ntfy.published, [
      {
        topic: 'home',
        title: 'Headgate: High demand',
        message: '3 remote streams want 32 Mbit/s.',
        priority: 3,
        tags: ['information_source'],
      },
      { title: 'Headgate: High demand is over' },
    ]);
    t.same(
      home.broker.sent.map(({ topic, retain, payload }) => [
        topic,
        retain,
        (JSON.parse(payload) as { event_type: string }).event_type,
      ]),
      [
        ['headgate/event', false, 'high_demand_began'],
        ['headgate/event', false, 'high_demand_ended'],
      ],
    );
    await home.restart();
    home.tell(event('high_demand_ended'));
    home.tell(event('high_demand_began', {}, { text: 'A second evening.' }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    t.equal(receiver.messages().length, 2, 'nor after a restart; what comes again within the time waits');
    t.equal(ntfy.published.length, 2);
  },
);

t.test('a sink that is away gets everything once it is there, in order; one log line each way', async (t) => {
  await using receiver = await startWebhookReceiver();
  await receiver.powerOff();
  const clock = createFakeClock();
  const home = await notifiedHome(t, [hook(receiver)], { clock });
  home.tell(silent('a'), silent('b'), silent('c'));
  await waitUntil('a failure', () => home.sink('hook').health.state === 'unreachable');
  t.match(home.checks(), [
    {
      name: 'notifications: hook',
      ok: false,
      isRequired: false,
      problem: 'hook refuses connections (is it running, is the port right?)',
    },
  ]);
  for (let i = 0; i < 40; i += 1) {
    await clock.advance(10_000);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  t.equal(home.sink('hook').waiting, 3);
  await receiver.powerOn();
  for (let i = 0; i < 40 && receiver.messages().length < 3; i += 1) {
    await clock.advance(15_000);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  t.same(texts(receiver), ['a is silent', 'b is silent', 'c is silent']);
  await waitUntil('noted', () => home.sink('hook').waiting === 0);
  t.match(home.sink('hook'), { health: { state: 'live', problem: null }, delivered: 3, lost: 0, retryAt: null });
  const own = home.lines.filter((line) => line.includes('"sink"'));
  t.match(own, [/^warn notifications do not arrive/, /^info notifications arrive again/]);
  t.equal(own.length, 2);
});

t.test('500 is tried again after a rest, 429 when the sink said', async (t) => {
  await using receiver = await startWebhookReceiver();
  const clock = createFakeClock();
  const home = await notifiedHome(t, [hook(receiver)], { clock });
  receiver.setMood({ times: 1, reply: { status: 500 } });
  home.tell(silent('a'));
  await waitUntil('500', () => home.sink('hook').health.problem === 'HTTP 500');
  receiver.setMood({ times: 1, reply: { status: 429, headers: { 'retry-after': '120' } } });
  await clock.advance(3_000);
  await waitUntil('429', () => home.sink('hook').health.problem === 'HTTP 429, it is asked too often');
  const restMs = (home.sink('hook').retryAt ?? 0) - clock.now();
  t.ok(restMs > 117_000, `rests ${restMs} ms`);
  await clock.advance(110_000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(receiver.received().length, 2, 'not before');
  await clock.advance(11_000);
  await arrived(receiver, 1);
  t.equal(receiver.received().length, 3);
  const ids = new Set(receiver.received().map(({ headers }) => headers['webhook-id']));
  t.equal(ids.size, 1, 'by one id at each attempt');
});

t.test('a refused sink rests a quarter of an hour, and a test that arrives wakes it', async (t) => {
  await using receiver = await startWebhookReceiver({ header: ['x-key', 'right'] });
  const clock = createFakeClock();
  const home = await notifiedHome(t, [hook(receiver, { header_name: 'X-Key', header_value: 'wrong-key-of-ours' })], { clock });
  home.tell(silent('a'));
  await waitUntil('refused', () => home.sink('hook').health.state === 'refused');
  for (let i = 0; i < 14; i += 1) await clock.advance(MIN);
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(receiver.received().length, 1);
  receiver.setMood({ reply: { status: 200 } });
  const results = await home.ask('post', '/api/notifications/test', { query: { sink: 'hook' } });
  t.match(results, [{ sink: 'hook', ok: true, problem: null }]);
  await arrived(receiver, 2);
  t.match(receiver.messages(), [{ type: 'test', title: 'Test' }, { text: 'a is silent' }]);
  t.notMatch(home.lines.join('\n'), /wrong-key-of-ours|127\.0\.0\.1/, 'neither key nor address is in the log');
});

t.test(
  'what the sink takes is taken when its status is there: a body that hangs or has no end does not send it twice',
  async (t) => {
    for (const answer of ['slow-body', 'flood'] as const) {
      await using receiver = await startWebhookReceiver();
      receiver.setMood({ answer });
      const home = await notifiedHome(t, [hook(receiver)]);
      const from = performance.now();
      home.tell(silent('a'), silent('b'));
      await waitUntil('both taken', () => home.sink('hook').delivered === 2, 4_000);
      t.ok(performance.now() - from < 3_000, answer);
      t.equal(receiver.received().length, 2);
      await home.restart();
      await new Promise((resolve) => setTimeout(resolve, 50));
      t.equal(receiver.received().length, 2, answer);
      await home.restart();
    }
  },
);

t.test('a restart keeps what was not delivered, and forgets what was', async (t) => {
  await using receiver = await startWebhookReceiver();
  const clock = createFakeClock();
  const home = await notifiedHome(t, [hook(receiver)], { clock });
  home.tell(silent('first'));
  await arrived(receiver, 1);
  await receiver.powerOff();
  home.tell(silent('second'), silent('third'));
  await waitUntil('away', () => home.sink('hook').health.state === 'unreachable');
  await home.restart();
  await receiver.powerOn();
  for (let i = 0; i < 20 && receiver.messages().length < 3; i += 1) {
    await clock.advance(10_000);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  t.same(texts(receiver), ['first is silent', 'second is silent', 'third is silent']);
  await home.restart();
  await clock.advance(MIN);
  t.equal(receiver.messages().length, 3);
});

t.test('a stop waits a second for a sink that hangs, and sends what is due to one that does not', async (t) => {
  await using hanging = await startWebhookReceiver();
  await using quick = await startWebhookReceiver();
  hanging.setMood({ answer: 'hang' });
  const home = await notifiedHome(t, [hook(hanging, { name: 'hanging' }), hook(quick, { name: 'quick' })]);
  home.tell(event('originals_restored', { count: 5 }));
  const from = performance.now();
  await home.restart();
  const took = performance.now() - from;
  t.ok(took < 3_000, `${Math.round(took)} ms`);
  t.equal(quick.messages().length, 1);
  hanging.setMood(null);
  await arrived(hanging, 1);
  t.equal(hanging.received()[0]?.headers['webhook-id'], hanging.messages()[0]?.id, 'the same id again');
});

t.test('the queue is bounded: the oldest are lost, and the next message says how many', async (t) => {
  await using receiver = await startWebhookReceiver();
  await receiver.powerOff();
  const clock = createFakeClock();
  const home = await notifiedHome(t, [hook(receiver, { most_per_minute: 600 })], { clock });
  for (let i = 0; i < 130; i += 1) home.tell(silent(`s${i}`));
  await waitUntil('bounded', () => home.sink('hook').waiting === 100);
  t.equal(home.sink('hook').lost, 30);
  await receiver.powerOn();
  for (let i = 0; i < 40 && receiver.messages().length < 100; i += 1) {
    await clock.advance(15_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const [first, second] = receiver.messages();
  t.match(first, { text: 's30 is silent\n30 older messages were lost.', lost: 30 });
  t.match(second, { text: 's31 is silent', lost: 0 });
});

t.test('what is too old is not sent any more, and that is said', async (t) => {
  await using receiver = await startWebhookReceiver();
  await receiver.powerOff();
  const clock = createFakeClock();
  const home = await notifiedHome(t, [hook(receiver, { keep_for: '10m' })], { clock });
  home.tell(silent('old'));
  await waitUntil('away', () => home.sink('hook').health.state === 'unreachable');
  for (let i = 0; i < 50; i += 1) await clock.advance(15_000);
  await waitUntil('lost', () => home.sink('hook').lost === 1);
  await receiver.powerOn();
  home.tell(silent('new'));
  for (let i = 0; i < 40 && receiver.messages().length < 1; i += 1) {
    await clock.advance(15_000);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  t.same(texts(receiver), ['new is silent\n1 older message was lost.']);
});

t.test('a message that the sink will never take holds nobody up', async (t) => {
  await using receiver = await startWebhookReceiver();
  receiver.setMood({ times: 1, reply: { status: 422 } });
  const home = await notifiedHome(t, [hook(receiver)]);
  home.tell(silent('a'), silent('b'));
  await arrived(receiver, 1);
  t.same(texts(receiver), ['b is silent']);
  await waitUntil('counted', () => home.sink('hook').unfit === 1 && home.sink('hook').waiting === 0);
});

t.test('at most so many in a minute; the rest waits', async (t) => {
  await using receiver = await startWebhookReceiver();
  const clock = createFakeClock();
  const home = await notifiedHome(t, [hook(receiver, { most_per_minute: 2 })], { clock });
  home.tell(...['a', 'b', 'c', 'd', 'e'].map(silent));
  await arrived(receiver, 2);
  await clock.advance(59_000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(receiver.messages().length, 2);
  await clock.advance(2_000);
  await arrived(receiver, 4);
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(receiver.messages().length, 4);
});

t.test('each sink gets what it wants', async (t) => {
  await using usual = await startWebhookReceiver();
  await using errors = await startWebhookReceiver();
  await using chosen = await startWebhookReceiver();
  const home = await notifiedHome(t, [
    hook(usual, { name: 'usual' }),
    hook(errors, { name: 'errors', severity: 'error' }),
    hook(chosen, { name: 'chosen', events: ['caps_changed', 'safe_plan'] }),
  ]);
  home.tell(
    event('caps_changed', { from: 'idle', to: 'streaming' }),
    event('safe_plan', {}, { severity: 'warning' }),
    event('cap_ignored', { viewer: 'main/anna' }, { severity: 'warning' }),
    event('storage_damaged', {}, { severity: 'error' }),
    event('channel_added', { channel: 'a' }),
    event('originals_restored', {}),
  );
  await Promise.all([arrived(usual, 3), arrived(errors, 1), arrived(chosen, 2)]);
  const types = (receiver: WebhookReceiver) => receiver.messages().map(({ type }) => type);
  t.same(types(usual), ['cap_ignored', 'storage_damaged', 'originals_restored']);
  t.same(types(errors), ['storage_damaged']);
  t.same(types(chosen), ['caps_changed', 'safe_plan']);
});

t.test('what was told is there to be asked for: by type, severity and time', async (t) => {
  const clock = createFakeClock();
  const home = await notifiedHome(t, [], { clock });
  home.tell(silent('a'), event('caps_changed', { n: 1 }));
  await clock.advance(MIN);
  home.tell(event('storage_damaged', {}, { severity: 'error' }), back('a'), back('a'));
  const ask = async (query: object): Promise<string[]> => {
    const { events } = (await home.ask('get', '/api/notifications', { query })) as {
      events: { type: string; repeats: number }[];
    };
    return events.map(({ type, repeats }) => `${type} ${repeats}`).sort();
  };
  await waitUntil('all kept', async () => (await ask({})).length === 4);
  t.same(await ask({ severity: 'warning' }), ['neighbour_silent 0', 'storage_damaged 0']);
  t.same(await ask({ type: 'neighbour_back, caps_changed' }), ['caps_changed 0', 'neighbour_back 1']);
  t.same(await ask({ since: new Date(clock.now()).toISOString() }), ['neighbour_back 1', 'storage_damaged 0']);
  t.same(await ask({ until: new Date(clock.now()).toISOString() }), ['caps_changed 0', 'neighbour_silent 0']);
  t.equal((await ask({ limit: '1' })).length, 1);
  await t.rejects(home.ask('get', '/api/notifications', { query: { severity: 'bad' } }), { code: 'input_invalid' });
  await t.rejects(home.ask('post', '/api/notifications/test', { query: { sink: 'nobody' } }), { code: 'not_found' });
});

t.test('a thousand are kept, and beginnings without an end beyond these; a later run knows of them', async (t) => {
  const home = await notifiedHome(t, []);
  home.tell(silent('main'), event('high_demand_began'), silent('cinema'), back('cinema'));
  for (let i = 0; i < 1_100; i += 1) home.tell(event('channel_added', { channel: i }));
  const count = async (query: object): Promise<number> =>
    ((await home.ask('get', '/api/notifications', { query: { limit: '1000', ...query } })) as { events: unknown[] }).events
      .length;
  await waitUntil('all kept', async () => (await count({ type: 'channel_added' })) >= 1_000);
  await home.restart();
  t.ok((await count({})) <= 1_000);
  t.same(
    home.open().map(({ type, details }) => `${type} ${details['neighbour'] ?? ''}`),
    ['neighbour_silent main', 'high_demand_began '],
  );
});

t.test('what cannot be kept is told all the same, once', async (t) => {
  await using receiver = await startWebhookReceiver();
  const home = await notifiedHome(t, [hook(receiver)]);
  await rm(home.config.database.path, { recursive: true });
  home.tell(silent('a'));
  await arrived(receiver, 1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.equal(receiver.received().length, 1);
});

t.test('a type that nobody tells is refused at the start', async (t) => {
  await t.rejects(notifiedHome(t, [{ name: 'hook', type: 'webhook', url: 'http://127.0.0.1:1', events: ['high_demand'] }]), {
    code: 'config_invalid',
    message: /events of hook: "high_demand" is no type of event; there are .*high_demand_began/,
  });
});
