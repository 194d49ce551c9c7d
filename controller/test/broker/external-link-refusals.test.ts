// The link to a broker of the user's own where that refuses: password, MQTT version, certificate.
import t from 'tap';
import { openBroker } from '../../src/broker/open-broker.ts';
import { systemClock } from '../../src/clock.ts';
import { secretOf } from '../../src/config/secret.ts';
import { silentLog } from '../../src/log.ts';
import { makeCertificate } from '../http-client/make-certificate.ts';
import { openHomeBroker, ROOTS, USERS } from './fixtures/home-broker.ts';
import { startMosquitto } from './fixtures/mosquitto.ts';
import { makeFolder, openTestDatabase } from './fixtures/test-database.ts';
import { isLive, listen, openLink, startProxy } from './fixtures/test-link.ts';
import { until } from './fixtures/until.ts';

const said = { qos: 1, retain: false } as const;

t.test('a wrong password is told as such and not tried again soon', async (t) => {
  const mosquitto = await startMosquitto(t);
  const proxy = await startProxy(t, mosquitto.port);
  const link = openLink(t, proxy.port, { password: secretOf('hunter2') });
  await until('the refusal', () => link.health().state === 'refused');
  t.match(link.health().problem, /refuses us/);
  const from = performance.now();
  await until('time for many tries', () => performance.now() - from > 1_500);
  t.same(link.states, ['refused']);
  t.equal(proxy.taken(), 1);
  t.notMatch(JSON.stringify([link.lines, link.health()]), /hunter2/);
});

t.test('a broker of MQTT 3.1.1 only is spoken to in 3.1.1, also one that hangs up on 5 without a word', async (t) => {
  const { broker } = await openHomeBroker(t);
  const login = { username: 'ha', password: secretOf('ha-secret') };
  const link = openLink(t, broker.port, { ...login, will: { topic: 'homeassistant/status', payload: 'offline' } });
  await until('connected', isLive(link));
  t.same(link.states, ['live'], 'the refused version is no outage');
  const rude = await startProxy(t, broker.port, (bytes) => bytes.includes(Buffer.from('MQTT\u0005')));
  const second = openLink(t, rude.port, {
    ...login,
    clientName: 'second',
    will: { topic: 'homeassistant/status', payload: 'offline' },
  });
  await until('connected', isLive(second));
  const heard = await listen(second, 'headgate/#');
  await broker.link.publish('headgate/event', 'x', said);
  await until('the event', () => heard.length === 1);
});

t.test('TLS: the right authority is trusted, any other is not', async (t) => {
  const ours = await makeCertificate();
  const folder = await makeFolder();
  const { tables, close } = await openTestDatabase(folder.path);
  const listenAt = { host: '127.0.0.1', port: 0 };
  const tls = { listen: listenAt, certificate: ours.cert, key: secretOf(ours.key) };
  const broker = await openBroker({
    config: { listen: listenAt, tls, users: USERS },
    roots: ROOTS,
    tables,
    clock: systemClock,
    log: silentLog,
  });
  t.teardown(async () => {
    await broker[Symbol.asyncDispose]();
    await close();
    await folder.remove();
  });
  const options = {
    url: `mqtts://127.0.0.1:${broker.tlsPort}`,
    username: 'ha',
    password: secretOf('ha-secret'),
    will: { topic: 'homeassistant/status', payload: 'x' },
  };
  const trusting = openLink(t, 0, { ...options, ca: ours.cert });
  await until('connected', isLive(trusting));
  const other = openLink(t, 0, { ...options, ca: null, clientName: 'other' });
  await until('the distrust', () => other.health().state === 'unreachable');
  t.match(other.health().problem, /certificate/);
});
