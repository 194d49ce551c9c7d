// The program's flags and exit codes, as a person meets them.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startNodeHome } from './node-home.ts';
import { bytesOf } from './share-server.ts';
import { startTestBroker } from './test-broker.ts';

t.setTimeout(120_000);
const hash = (letter: string): string => letter.repeat(40);

t.test('--test: one line per check, exit 0; then 1 with what is wrong named', async (t) => {
  await using home = await startNodeHome();
  await using broker = await startTestBroker();
  home.server.publish('family', [home.server.share(`${hash('a')}/a.mkv`, bytesOf(10))]);
  const well = await home.run(['--test'], { yaml: `mqtt: { url: '${broker.url}' }\n` });
  t.equal(well.code, 0, well.out + well.err);
  t.match(
    well.out,
    /^ok +config: read\nok +library: .* GB free\nok +manifest family: 1 items, signed with .*\nok +jellyfin: none is configured.*\nok +mqtt: connected\n$/,
  );
  t.same(home.seen(), [], 'nothing was fetched');
  t.notOk(existsSync(join(home.library, '.headgate/state/manifest-family.json')), 'and no key was kept');
  const bad = await home.run(['--test'], {
    yaml: "mqtt: { url: 'mqtt://127.0.0.1:1' }\njellyfin: { url: 'http://127.0.0.1:1', key: secretkey }\nmanifests: { url: 'http://127.0.0.1:1/x.json' }\n",
  });
  t.equal(bad.code, 1);
  for (const name of ['manifest x', 'jellyfin', 'mqtt']) t.match(bad.out, new RegExp(`^FAIL +${name}: .*ECONNREFUSED`, 'm'));
  t.notMatch(bad.out + bad.err, 'secretkey');
  t.match(await home.run(['--test'], { yaml: 'nonsense: 1\n' }), {
    code: 1,
    out: /^FAIL +config: .*node\.yaml:\d+: nonsense: no such key/,
  });
  t.equal((await home.run(['--what'])).code, 1);
  t.match(await home.run(['--help']), { code: 0, out: /--dry-run/ });
});

t.test("rows 209, 215, 230, 238, 239: the seed's variables, and .env, are all that it needs", async (t) => {
  await using home = await startNodeHome();
  const { server } = home;
  server.publish('family', [server.share(`${hash('a')}/a.mkv`, bytesOf(1_000))]);
  const url = `${server.url.replace('http://', `http://node:${server.token}@`)}/manifest/family.json`;
  const environment = {
    MANIFEST_URL: url,
    GROUP: 'family',
    DOWNLOAD_DIR: '~/library',
    MIN_FREE_GB: '0',
    RETRY_ATTEMPTS: '1',
    WEBTORRENT_BIN: 'webtorrent',
  };
  const ran = await home.run(['--once'], { environment });
  t.equal(ran.code, 0, ran.err);
  t.same(home.seen(), ['Films/a.mkv']);
  t.match(ran.err, /WEBTORRENT_BIN is of no use/, 'row 226, 235: no program but this one');
  t.notMatch(ran.err, server.token);
  const dead = await home.run(['--once'], { environment: { ...environment, MANIFEST_URL: 'http://127.0.0.1:1/family.json' } });
  t.equal(dead.code, 1, "the seed's exit code was always 0");
});

t.test(
  "the seed's own manifests: a foreign magnet or .torrent link says why it does not come, and nobody is asked",
  async (t) => {
    await using home = await startNodeHome();
    const { server } = home;
    const items = [
      {
        title: 'A',
        torrent: `magnet:?xt=urn:btih:${hash('a')}&tr=udp%3A%2F%2Ftracker.example.org%3A1337%2Fannounce`,
        path: 'a.mkv',
        sha256: '1'.repeat(64),
        size: 5,
      },
      { title: 'B', torrent: 'http://files.example.org/b.torrent', path: 'b.mkv', sha256: '2'.repeat(64) },
      { title: 'C', torrent: `magnet:?xt=urn:btih:${hash('c')}`, path: 'c.mkv' },
    ];
    server.publishRaw('family', JSON.stringify({ group: 'family', items }));
    const ran = await home.run(['--once']);
    t.equal(ran.code, 1);
    t.match(ran.err, /the manifest is not signed/);
    t.match(ran.err, /a\.mkv.*its trackers \(tracker\.example\.org:1337\) are not on the allow-list/);
    t.match(ran.err, /b\.mkv.*lies on files\.example\.org, which is not on the allow-list/);
    t.match(ran.err, /c\.mkv.*no sha256 and size/);
    t.same(home.seen(), []);
  },
);

t.test('--dry-run says what would be done and does nothing; a great removal waits for --confirm', async (t) => {
  await using home = await startNodeHome();
  const { server } = home;
  const items = ['a', 'b'].map((name) => server.share(`${hash(name)}/${name}.mkv`, bytesOf(1_000, name)));
  server.publish('family', items);
  const dry = await home.run(['--dry-run']);
  t.equal(dry.code, 0, dry.err);
  t.equal(dry.out, 'download  Films/a.mkv (1000 bytes)\ndownload  Films/b.mkv (1000 bytes)\n');
  t.same([home.seen(), server.countOf('/web-seed')], [[], 0]);
  const yaml = 'trash: { days: 0 }\n';
  await home.run(['--once'], { yaml });
  server.publish('family', items.slice(0, 1));
  const held = await home.run(['--once'], { yaml });
  t.match(held.err, /until --confirm GROUP/);
  t.equal(home.seen().length, 2);
  t.match(await home.run(['--confirm', 'other'], { yaml }), { code: 1, err: /no manifest of other/ });
  t.match(await home.run(['--confirm', 'family'], { yaml }), { code: 0, out: /version 2 of family/ });
  t.equal((await home.run(['--once'], { yaml })).code, 0);
  t.same(home.seen(), ['Films/a.mkv']);
  t.ok(readdirSync(join(home.library, '.headgate/trash')).length <= 1);
});
