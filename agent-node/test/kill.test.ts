// SIGKILL of the program at many moments of a download: it goes on, ends identical, and a half file is never seen.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startNodeHome, until } from './node-home.ts';
import { bytesOf } from './share-server.ts';

t.setTimeout(120_000);
const CHUNK = 4 * 1024 * 1024;

t.test('killed at eight moments it always resumes, always ends identical, and never shows a part of a file', async (t) => {
  await using home = await startNodeHome();
  const { server } = home;
  const film = bytesOf(12 * CHUNK + 777, 'film');
  const nfo = bytesOf(2_000, 'nfo');
  server.publish('family', [server.share(`${'a'.repeat(40)}/a.mkv`, film), server.share(`${'b'.repeat(40)}/a.nfo`, nfo)]);
  server.bytesPerSecond = 8_000_000;
  const whole = new Map([
    ['Films/a.mkv', film],
    ['Films/a.nfo', nfo],
  ]);
  const check = (moment: string): void => {
    for (const path of home.seen()) t.ok(home.read(path)?.equals(whole.get(path) ?? Buffer.alloc(0)), `${moment}: ${path}`);
  };
  for (let kill = 0; kill < 8; kill += 1) {
    await using node = home.start({ flags: ['--once'] });
    const before = server.countOf('/web-seed');
    const watch = setInterval(() => check(`while it runs, ${kill}`), 50);
    await until('it asks', () => server.countOf('/web-seed') > before || node.process.exitCode !== null);
    await new Promise((resolve) => setTimeout(resolve, 37 + 130 * kill));
    clearInterval(watch);
    await node.stop('SIGKILL');
    check(`after kill ${kill}`);
  }
  server.bytesPerSecond = null;
  const before = server.countOf('/web-seed');
  const last = await home.run(['--once']);
  t.equal(last.code, 0, last.err);
  t.ok(server.countOf('/web-seed') - before < 13, 'what had come did not come again');
  t.same(home.seen(), [...whole.keys()].sort());
  check('at the end');
  t.same(readdirSync(join(home.library, '.headgate/staging')), []);
  t.same(readdirSync(join(home.library, '.headgate/quarantine')), [], 'no kill made wrong bytes of good ones');
});

t.test('killed between the last byte and the record: what lies there is verified, not fetched again', async (t) => {
  await using home = await startNodeHome();
  const { server } = home;
  const film = bytesOf(300_000);
  server.publish('family', [server.share(`${'a'.repeat(40)}/a.mkv`, film)]);
  home.write('Films/a.mkv', film);
  home.write('.headgate/state/state.json', '{"version":1,"placed":[{"path":"Films/');
  const ran = await home.run(['--once']);
  t.equal(ran.code, 0, ran.err);
  t.match(ran.err, /cannot be read.*verified anew/);
  t.equal(server.countOf('/web-seed'), 0);
  t.equal(home.read('.headgate/state/state.json.unreadable')?.toString(), '{"version":1,"placed":[{"path":"Films/');
});
