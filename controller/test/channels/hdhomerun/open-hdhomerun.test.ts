// The HDHomeRun as Plex, Emby and Jellyfin ask it.
import { request } from 'node:http';
import t, { type Test } from 'tap';
import type { Channel } from '../../../src/channels/channel.ts';
import type { TuneRequest } from '../../../src/channels/guide/livetv-answers.ts';
import { deviceId, isDeviceId } from '../../../src/channels/hdhomerun/device-id.ts';
import { openHdHomeRun } from '../../../src/channels/hdhomerun/open-hdhomerun.ts';
import { ControllerError } from '../../../src/errors.ts';
import { silentLog } from '../../../src/log.ts';
import { call } from '../../http/serve.ts';
import { channel } from '../guide/fixtures/home.ts';

const channels = [
  channel({ id: 1, number: '100.10', name: 'Ten "&" <more>' }),
  channel({ id: 2, number: '100.9' }),
  channel({ id: 3, number: '3', enabled: false }),
];

async function openDevice(
  t: Test,
  given: { readonly allowed?: readonly string[]; readonly refuse?: ControllerError; readonly some?: readonly Channel[] } = {},
) {
  const tuned: Omit<TuneRequest, 'handOver'>[] = [];
  const device = await openHdHomeRun({
    listen: { host: '127.0.0.1', port: 0 },
    allowed: given.allowed ?? ['127.0.0.0/8'],
    device: { id: deviceId('0123456789abcdef'), name: 'Headgate & co', baseUrl: 'http://tv.example:5004', tunerCount: 6 },
    channels: () => given.some ?? channels,
    async tune({ handOver, ...asked }) {
      if (given.refuse !== undefined) throw given.refuse;
      tuned.push(asked);
      handOver().end('HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\nConnection: close\r\n\r\nTS');
    },
    log: silentLog,
  });
  t.teardown(() => device[Symbol.asyncDispose]());
  return { url: device.url, tuned };
}

t.test('it tells what it is, at the address of the configuration, and is no model that transcodes', async (t) => {
  const { url } = await openDevice(t);
  const { json } = await call(`${url}/discover.json`, { headers: { host: 'evil.example' } });
  t.match(json, {
    FriendlyName: 'Headgate & co',
    BaseURL: 'http://tv.example:5004',
    LineupURL: 'http://tv.example:5004/lineup.json',
    TunerCount: 6,
  });
  const { ModelNumber, DeviceID } = json as { ModelNumber: string; DeviceID: string };
  t.notMatch(ModelNumber.toLowerCase(), 'hdtc');
  t.ok(isDeviceId(DeviceID));
  const { text, headers } = await call(`${url}/device.xml`);
  t.match(headers.get('content-type'), 'application/xml');
  t.match(text, '<friendlyName>Headgate &amp; co</friendlyName>');
  t.match(text, `<serialNumber>${DeviceID}</serialNumber>`);
  t.match((await call(`${url}/lineup_status.json`)).json, { ScanInProgress: 0 });
  t.equal((await call(`${url}/lineup.post?scan=start`, { method: 'POST' })).status, 200);
});

t.test('the line-up has what is on, by number, each with its stream', async (t) => {
  const { url } = await openDevice(t);
  t.match((await call(`${url}/lineup.json`)).json, [
    { GuideNumber: '100.9', GuideName: 'Films', URL: 'http://tv.example:5004/stream/2.ts' },
    { GuideNumber: '100.10', GuideName: 'Ten "&" <more>', URL: 'http://tv.example:5004/stream/1.ts' },
  ]);
});

t.test('it tunes by number and by id; off is 403, unknown 404, full 503', async (t) => {
  const { url, tuned } = await openDevice(t);
  for (const path of ['/auto/v100.9', '/auto/v100.9?transcode=none', '/stream/2.ts'])
    t.match(await call(url + path), { status: 200, text: 'TS' });
  t.match(
    tuned,
    Array(3).fill({ channel: { id: 2 }, consumer: 'hdhomerun', tokenId: null, address: '127.0.0.1', method: 'GET' }),
  );
  t.equal((await call(`${url}/auto/v3`)).status, 403);
  for (const path of ['/auto/v4', '/stream/9.ts', '/stream/x', '/', '/auto/v', '/discover.json/'])
    t.equal((await call(url + path)).status, 404, path);
  t.equal((await call(`${url}/auto/v100.9`, { method: 'PUT' })).status, 405);
  const full = await openDevice(t, { refuse: new ControllerError('too_many', 'all tuners are in use') });
  t.match(await call(`${full.url}/auto/v100.9`), { status: 503, text: /all tuners/ });
});

t.test('only listed addresses are answered', async (t) => {
  const { url, tuned } = await openDevice(t, { allowed: ['192.168.0.0/16', 'fd00::/8', '127.0.0.2'] });
  for (const path of ['/discover.json', '/lineup.json', '/auto/v100.9']) t.equal((await call(url + path)).status, 403, path);
  t.same(tuned, []);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    request(`${url}/discover.json`, { localAddress: '127.0.0.2' }, (answer) => resolve(answer.resume().statusCode))
      .on('error', reject)
      .end();
  });
  t.equal(status, 200);
});

t.test('a taken port names its key', async (t) => {
  const { url } = await openDevice(t);
  const port = Number(new URL(url).port);
  const device = { id: deviceId('1'), name: 'x', baseUrl: null, tunerCount: 1 };
  const open = openHdHomeRun({
    listen: { host: '127.0.0.1', port },
    allowed: [],
    device,
    channels: () => [],
    tune: async () => {},
    log: silentLog,
  });
  await t.rejects(open, { code: 'conflict', message: /^channels\.hdhomerun\.listen: 127\.0\.0\.1:\d+ is taken/ });
});

t.test('ids have the check digit of real ones', async (t) => {
  for (const instance of ['0123456789abcdef', 'ffffffffffffffff', '', '7'])
    t.ok(isDeviceId(deviceId(instance)), deviceId(instance));
  t.equal(deviceId('abc'), deviceId('ABC'));
  t.not(deviceId('0123456789abcdef'), deviceId('1123456789abcdef'));
  t.notOk(isDeviceId('12345678') && isDeviceId('12345679'));
  t.notOk(isDeviceId('1234567'));
});
