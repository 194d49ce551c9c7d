// What media servers have: read once however many ask, kept over restarts and outages.
import { readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createCatalogue } from '../../src/channels/catalogue.ts';
import { createCatalogueFiles } from '../../src/channels/catalogue-files.ts';
import { silentLog } from '../../src/log.ts';
import { createFakeClock } from '../fixtures/fake-clock.ts';
import { DAY, film, HOUR, MINUTE, START, testLibraries } from './open-channels.ts';

const films = { server: 'main', id: 'films' };
const shows = { server: 'main', id: 'shows' };

function open(t: Test, folder = t.testdir(), libraries = testLibraries(), clock = createFakeClock(START)) {
  const stop = new AbortController();
  const deps = { readLibrary: libraries.read, files: createCatalogueFiles(folder), clock, log: silentLog, signal: stop.signal };
  return { catalogue: createCatalogue(deps), libraries, clock, folder, stop };
}

t.test('many who ask at once cause one reading; it is read again when it is old', async (t) => {
  const { catalogue, libraries, clock } = open(t);
  await Promise.all(Array.from({ length: 10 }, () => catalogue.ensure([films, shows], HOUR)));
  t.equal(libraries.state.readings, 2);
  t.equal(catalogue.all().length, 80);
  t.equal(catalogue.all(), catalogue.all(), 'the same array until something is read');
  t.match(catalogue.item({ server: 'main', id: 'f3' }), { title: 'Film f3' });
  t.equal(catalogue.members(shows)[0], 'main/a-1');
  await clock.advance(HOUR - MINUTE);
  await catalogue.ensure([films], HOUR);
  t.equal(libraries.state.readings, 2);
  await clock.advance(2 * MINUTE);
  libraries.state.items = [film('new')];
  await catalogue.ensure([films], HOUR);
  t.equal(libraries.state.readings, 3);
  t.equal(catalogue.item({ server: 'main', id: 'f3' }), null);
  t.match(catalogue.item({ server: 'main', id: 'new' }), { title: 'Film new' });
});

t.test('a server that is down: what was read stays, with its age and the reason; it is not asked for each channel', async (t) => {
  const { catalogue, libraries, clock } = open(t);
  await catalogue.ensure([films], HOUR);
  libraries.state.down = true;
  await clock.advance(2 * HOUR);
  for (let i = 0; i < 5; i += 1) await catalogue.ensure([films], HOUR);
  t.equal(libraries.state.readings, 2);
  t.same(catalogue.state(), [{ ...films, items: 20, readAtMs: START, problem: 'Jellyfin "main": connection refused' }]);
  await t.rejects(catalogue.ensure([shows], HOUR), { message: /connection refused/ }, 'nothing stands');
  t.same(await catalogue.refresh([films]), ['Jellyfin "main": connection refused']);
  libraries.state.down = false;
  t.same(await catalogue.refresh([films]), []);
  t.match(catalogue.state(), [{ readAtMs: clock.now(), problem: null }, {}]);
});

t.test('it is there after a restart, but for what was written half; others are cleared away', async (t) => {
  const folder = t.testdir();
  const first = open(t, folder);
  await first.catalogue.ensure([films, shows], HOUR);
  const libraries = testLibraries();
  libraries.state.down = true;
  const second = open(t, folder, libraries);
  await second.catalogue.ensure([films, shows], DAY);
  t.equal(libraries.state.readings, 0);
  t.same(second.catalogue.all(), first.catalogue.all());
  await second.catalogue.keepOnly([films]);
  const [name = '', ...more] = await readdir(folder);
  t.same(more, []);
  t.equal(second.catalogue.all().length, 20);
  await truncate(join(folder, name), 3_000);
  const third = open(t, folder, libraries);
  await t.rejects(third.catalogue.ensure([films], DAY), { message: /connection refused/ });
});

t.test('a reading that breaks off leaves what stood', async (t) => {
  const { catalogue, libraries, clock, folder } = open(t);
  await catalogue.ensure([films], HOUR);
  const broken = createCatalogue({
    async *readLibrary() {
      yield [film('half')];
      throw new Error('connection reset');
    },
    files: createCatalogueFiles(folder),
    clock,
    log: silentLog,
    signal: new AbortController().signal,
  });
  t.same(await broken.refresh([films]), ['connection reset']);
  t.equal(broken.item({ server: 'main', id: 'half' }), null);
  t.equal(broken.all().length, libraries.state.items.filter(({ libraryId }) => libraryId === 'films').length);
});
