// SIGKILL of the program at twenty random moments of a download, by HTTP and from a peer: it always resumes, always ends identical, and a part of a file is never seen.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { freshSeed, seededRandom } from '../../controller/test/fixtures/seeded-random.ts';
import { freePort } from '../../deploy/demo/free-port.ts';
import { type NodeHome, startNodeHome } from './node-home.ts';
import { bytesOf, sha256Of } from './share-server.ts';
import { startOwnTracker } from './torrent/own-tracker.ts';
import { startSeeder } from './torrent/start-seeder.ts';

const KILLS = 20;
/** As fast as it goes the whole takes less than one start of the program. */
const BYTES_PER_SECOND = 4_000_000;
const film = bytesOf(40_000_777, 'film');
const nfo = bytesOf(2_000, 'nfo');

t.setTimeout(600_000);

/** Kills it, looks each time, lets it end at last. */
async function killSeries(t: Test, home: NodeHome, { yaml, faster }: { yaml: string; faster: () => void }): Promise<void> {
  const seed = Number(process.env['SEED'] ?? freshSeed());
  t.comment(`SEED=${seed}`);
  const random = seededRandom(seed);
  const whole = new Map([
    ['Films/a.mkv', film],
    ['Films/a.nfo', nfo],
  ]);
  const look = (moment: string): void => {
    for (const path of home.seen()) {
      const isWhole = home.read(path)?.equals(whole.get(path) ?? Buffer.alloc(0)) === true;
      if (!isWhole) t.fail(`${moment}: ${path}`);
    }
  };
  let running = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    await using node = home.start({ yaml, flags: ['--once'] });
    const watch = setInterval(() => look(`while it runs, ${kill}`), 100);
    await wait(random() * 3_000);
    clearInterval(watch);
    if (node.process.exitCode === null) running += 1;
    await node.stop('SIGKILL');
    look(`after kill ${kill}`);
  }
  t.ok(running > 5, `${running} of ${KILLS} kills hit it at work`);
  faster();
  const last = await home.run(['--once'], { yaml });
  t.equal(last.code, 0, last.err);
  t.same(home.seen(), [...whole.keys()].sort());
  look('at the end');
  t.same(readdirSync(join(home.library, '.headgate/staging')), []);
  t.same(readdirSync(join(home.library, '.headgate/quarantine')), [], 'no kill made wrong bytes of good ones');
}

t.test('by HTTP', async (t) => {
  await using home = await startNodeHome();
  const { server } = home;
  server.publish('family', [server.share(`${'a'.repeat(40)}/a.mkv`, film), server.share(`${'b'.repeat(40)}/a.nfo`, nfo)]);
  const faster = (): void => {
    server.bytesPerSecond = null;
  };
  // Of each of several answers.
  server.bytesPerSecond = BYTES_PER_SECOND / 10;
  await killSeries(t, home, { yaml: '', faster });
});

t.test('from a peer', async (t) => {
  await using home = await startNodeHome();
  await using tracker = await startOwnTracker();
  const files = { 'a.mkv': film, 'a.nfo': nfo };
  const seeder = await startSeeder(join(home.folder, 'source/Films'), files, tracker.announce);
  await using _ = seeder.engine;
  const { infoHash, torrent } = seeder.hashed;
  home.server.intercept = ({ url }, response) => {
    if (url !== `/torrent/${infoHash}.torrent`) return false;
    response.end(torrent);
    return true;
  };
  const listed = Object.entries(files).map(([path, bytes]) => ({ path, size: bytes.length, sha256: sha256Of(bytes) }));
  home.server.publish('family', [
    { title: 'Films', torrent: `magnet:?xt=urn:btih:${infoHash}`, info_hash: infoHash, path: 'Films', files: listed },
  ]);
  seeder.engine.limit({ upBps: BYTES_PER_SECOND * 8, downBps: null });
  const yaml = `torrent: { listen: 127.0.0.1, port: ${await freePort()}, patience_seconds: 20 }\nallow: { trackers: ['${new URL(tracker.announce).host}'] }\n`;
  await killSeries(t, home, { yaml, faster: () => seeder.engine.limit({ upBps: null, downBps: null }) });
  t.equal(home.server.countOf('/web-seed'), 0, 'all of it came from the peer');
});
