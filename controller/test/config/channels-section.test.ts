// The section channels, and what a media server may be told about who Headgate is there.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfig } from '../../src/config/load-config.ts';
import { messageOf } from '../../src/errors.ts';

const load = async (t: Test, yaml: string) => {
  const path = join(t.testdir(), 'controller.yaml');
  await writeFile(path, yaml, { mode: 0o600 });
  return await loadConfig({ path, env: {}, algorithms: ['demand'] });
};

/** What is wrong, one line each, without the place. */
const problems = async (t: Test, yaml: string): Promise<readonly string[]> =>
  await load(t, yaml).then(
    () => ['nothing is wrong'],
    (error: unknown) =>
      messageOf(error)
        .split('\n')
        .map((line) => line.replace(/^.*controller\.yaml:\d+:\d+: /, '')),
  );

t.test('without the section channels work: registered by nobody, no HDHomeRun, software', async (t) => {
  t.match((await load(t, '')).channels, {
    enabled: true,
    scheduler: true,
    ffmpeg: 'ffmpeg',
    acceleration: 'software',
    device: null,
    baseUrl: null,
    idleStopMs: 30_000,
    maxSessions: 8,
    maxViewers: 400,
    register: false,
    refuseWhenFull: false,
    pathMaps: [],
    hdhomerun: { enabled: false, listen: { host: '0.0.0.0', port: 5004 }, tuners: 4, deviceId: null },
  });
});

t.test('row 157: folders of clips and logos are taken relative to the file', async (t) => {
  const { channels, source } = await load(t, 'channels: { logos_path: logos, commercials_path: /srv/clips }');
  t.equal(channels.logosPath, join(source.path ?? '', '..', 'logos'));
  t.equal(channels.commercialsPath, '/srv/clips');
});

t.test('a GPU is the first one unless another is named', async (t) => {
  t.equal((await load(t, 'channels: { acceleration: vaapi }')).channels.device, '/dev/dri/renderD128');
  t.equal((await load(t, 'channels: { acceleration: qsv, device: /dev/dri/renderD129 }')).channels.device, '/dev/dri/renderD129');
  t.equal((await load(t, 'channels: { acceleration: nvenc }')).channels.device, null);
});

t.test('paths of a media server are mapped, for servers that there are', async (t) => {
  const servers = 'media_servers: [{ name: main, type: jellyfin, url: http://a, api_key: k }]\n';
  const map = (server: string, to: string) => `channels: { path_maps: [{ server: ${server}, from: /data, to: ${to} }] }`;
  t.same((await load(t, servers + map('main', '/mnt'))).channels.pathMaps, [{ server: 'main', from: '/data', to: '/mnt' }]);
  t.same(await problems(t, servers + map('other', '/mnt')), [
    'channels.path_maps[0].server: "other" is not one of media_servers',
  ]);
  t.same(await problems(t, servers + map('main', 'mnt')), ['channels.path_maps[0].to: must begin with /']);
});

t.test('what cannot be is told by its key', async (t) => {
  t.same(await problems(t, 'channels: { acceleration: cuda }'), [
    'channels.acceleration: must be software, vaapi, qsv, nvenc, v4l2',
  ]);
  t.same(await problems(t, 'channels: { max_sessions: 0 }'), ['channels.max_sessions: must be a whole number from 1 to 100']);
  t.same(await problems(t, 'channels: { idle_stop: 0 }'), ['channels.idle_stop: must be from 1s to 3600s']);
  t.same(await problems(t, 'channels: { hdhomerun: { device_id: HELLO } }'), [
    'channels.hdhomerun.device_id: must be 8 hex digits',
  ]);
  t.same(await problems(t, 'channels: { default_page_size: 200, max_page_size: 100 }'), [
    'channels.default_page_size: must not be more than max_page_size',
  ]);
  t.same(await problems(t, 'channels: { regster: true }'), ['channels.regster: is not a key; did you mean register?']);
});

t.test('row 153: names and id of Headgate at a Jellyfin; a Plex has none of them', async (t) => {
  const one = (type: string) =>
    `media_servers: [{ name: a, type: ${type}, url: http://a, api_key: k, client_name: TV, device_name: attic, device_id: d-1 }]`;
  t.match((await load(t, one('jellyfin'))).mediaServers, [{ clientName: 'TV', deviceName: 'attic', deviceId: 'd-1' }]);
  t.same(
    await problems(t, one('plex')),
    ['client_name', 'device_name', 'device_id'].map((key) => `media_servers[0].${key}: is only for type: jellyfin`),
  );
});

t.test('row 152: a user of a Jellyfin is an id, with or without dashes', async (t) => {
  const one = (id: string) => `media_servers: [{ name: a, type: jellyfin, url: http://a, api_key: k, user_id: ${id} }]`;
  const bare = '365cea9f10674aed897ef30a811adb9f';
  t.equal((await load(t, one(bare))).mediaServers[0]?.userId, bare);
  t.equal((await load(t, one('365CEA9F-1067-4aed-897e-f30a811adb9f'))).mediaServers[0]?.userId, bare);
  t.same(await problems(t, one('anna')), ["media_servers[0].user_id: must be a user's id: 32 hex digits"]);
});
