// A hundred rounds of the running program: it goes on, and does not grow.
import { readFileSync } from 'node:fs';
import t from 'tap';
import { startNodeHome, until } from './node-home.ts';
import { bytesOf } from './share-server.ts';

t.setTimeout(120_000);

const residentMb = (pid: number | undefined): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1000;

t.test('row 251: a hundred rounds, some with something new, some that fail: it lives, and its memory stays', async (t) => {
  await using home = await startNodeHome();
  const { server } = home;
  server.publish('family', []);
  await using node = home.start({ poll: 0.001 });
  const rounds = (): number => server.countOf('/manifest');
  let isDown = false;
  server.intercept = (_, response) => {
    if (isDown) response.writeHead(404).end();
    return isDown;
  };
  const items = [];
  for (let at = 0; at < 20; at += 1) {
    const name = String(at).padStart(2, '0');
    items.push(server.share(`${name.repeat(20)}/${name}.mkv`, bytesOf(20_000, name)));
    server.publish('family', items);
    isDown = at % 4 === 3;
    const since = rounds();
    await until('five rounds more', () => rounds() >= since + 3);
    isDown = false;
  }
  await until('all of them', () => home.seen().length === 20);
  const before = residentMb(node.process.pid);
  await until('a hundred rounds', () => rounds() >= 200, 60_000);
  t.equal(node.process.exitCode, null);
  const after = residentMb(node.process.pid);
  t.ok(after < before + 40, `${before} MB, then ${after} MB`);
  t.equal(await node.stop('SIGTERM'), 0);
});
