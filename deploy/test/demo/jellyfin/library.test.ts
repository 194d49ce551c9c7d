// What the simulator's library answers, and what it refuses, drops and forgets, as facts/jellyfin.md §4 and facts/channels.md §4.6 have it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { startJellyfinSimulator } from '../../../demo/jellyfin/jellyfin-simulator.ts';
import { type LibrarySeed, manyItems } from '../../../demo/jellyfin/library-seeds.ts';
import { ask, logIn } from './authorized-fetch.ts';

const folder = mkdtempSync(join(tmpdir(), 'jellyfin-library-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const clip = join(folder, 'clip.mkv');
const srt = join(folder, 'clip.de.srt');
writeFileSync(srt, '1\n00:00:00,000 --> 00:00:01,000\nHallo\n');
execFileSync('ffmpeg', [
  ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=25:d=3', '-f', 'lavfi', '-i', 'sine=d=3', '-i', srt],
  ...['-map', '0', '-map', '1', '-map', '2', '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', '-c:s', 'srt'],
  ...['-metadata:s:a:0', 'language=eng', clip],
]);

const seeds: LibrarySeed[] = [
  {
    name: 'Films',
    films: [
      {
        name: 'Real',
        year: 2001,
        genres: ['Drama'],
        file: clip,
        externalSubtitles: [{ file: srt, language: 'ger' }],
        rating: 'PG',
      },
      {
        name: 'Late',
        year: 2002,
        genres: ['Crime', 'Drama'],
        tags: ['noir'],
        studios: ['Acme, Inc.'],
        rating: 'R',
        collection: 'Saga',
      },
      { name: 'Ghost', year: 2003, genres: ['Crime'], virtual: true },
    ],
  },
  {
    name: 'Shows',
    series: [
      {
        name: 'Serial',
        genres: ['Comedy'],
        seasons: [
          { number: 0, episodes: [{ name: 'Special' }] },
          { number: 1, episodes: [{ name: 'One' }, { name: 'Two', virtual: true }, { name: 'Three' }] },
        ],
      },
    ],
  },
];

const sim = await startJellyfinSimulator({
  users: [{ name: 'anna' }, { name: 'kid', policy: { MaxParentalRating: 10 } }],
  library: seeds,
});
t.teardown(() => sim[Symbol.asyncDispose]());

type List = { Items: Record<string, unknown>[]; TotalRecordCount: number; StartIndex: number };
const list = async (path: string, token = sim.apiKey) => (await ask(`${sim.url}${path}`, 'GET', token)).json as List;
const names = async (path: string, token?: string) => (await list(path, token)).Items.map(({ Name }) => String(Name)).sort();
const id = (name: string) => sim.items.find((item) => item.name === name)?.id ?? '';
const userId = sim.users.byName('anna')?.id ?? '';

t.test('comma lists drop what they do not know, pipe lists do not split commas', async (t) => {
  t.same(await names('/Items?recursive=true&includeItemTypes=Movie'), ['Ghost', 'Late', 'Real']);
  t.equal(
    (await names('/Items?recursive=true&includeItemTypes=Movies')).length,
    sim.items.length,
    'a misspelt type is no filter',
  );
  t.same(await names('/Items?recursive=true&includeItemTypes=Movies,Series'), ['Serial']);
  t.same(await names('/Items?recursive=true&includeItemTypes=Movie&genres=Crime|Comedy'), ['Ghost', 'Late']);
  t.same(await names('/Items?recursive=true&includeItemTypes=Movie&genres=Crime,Drama'), [], 'one odd genre');
  t.same(await names(`/Items?recursive=true&studios=${encodeURIComponent('Acme, Inc.')}`), ['Late']);
  t.same(await names('/Items?recursive=true&tags=noir&years=2002,x'), ['Late']);
  t.same(await names('/Items?recursive=true&officialRatings=PG|R'), ['Late', 'Real']);
  t.same(
    await names('/Items?recursive=true&genres=Comedy&includeItemTypes=Series,Episode'),
    ['Serial'],
    'episodes carry no genres',
  );
  t.same(await names('/Items?recursive=true&includeItemTypes=Movie&fields=Nonsense&Path=x&AnyProviderIdEquals=y'), [
    'Ghost',
    'Late',
    'Real',
  ]);
});

t.test('virtual and missing items are listed until they are excluded', async (t) => {
  t.same(await names('/Items?recursive=true&includeItemTypes=Movie&excludeLocationTypes=Virtual'), ['Late', 'Real']);
  t.same(
    await names('/Items?recursive=true&includeItemTypes=Movie&isMissing=false'),
    ['Ghost', 'Late', 'Real'],
    'a film is not missing, but virtual',
  );
  t.same(await names('/Items?recursive=true&includeItemTypes=Episode&isMissing=false'), ['One', 'Special', 'Three']);
  t.same(await names(`/Shows/${id('Serial')}/Episodes?season=1`), ['One', 'Three', 'Two'], 'a key sees missing ones');
  const anna = await logIn(sim.url, 'anna');
  t.same(await names(`/Shows/${id('Serial')}/Episodes`, anna), ['One', 'Special', 'Three']);
  t.same(await names(`/Shows/${id('Serial')}/Seasons`), ['Season 1', 'Specials']);
  t.equal((await ask(`${sim.url}/Shows/${id('Real')}/Episodes`, 'GET', sim.apiKey)).status, 404);
});

t.test('fields come when they are asked for; a page, its count, and single items', async (t) => {
  const [plain] = (await list('/Items?recursive=true&includeItemTypes=Movie&limit=1')).Items;
  t.notOk(plain && ('Path' in plain || 'Genres' in plain || 'MediaSources' in plain || 'UserData' in plain));
  t.match(plain, { RunTimeTicks: Number, OfficialRating: 'PG', ProductionYear: 2001 });
  const second = await list('/Items?recursive=true&includeItemTypes=Movie&startIndex=1&limit=1&enableTotalRecordCount=false');
  t.match(second, { TotalRecordCount: 1, StartIndex: 1, Items: [{ Name: 'Late' }] });
  t.equal((await ask(`${sim.url}/Items/${id('Real')}`, 'GET', sim.apiKey)).status, 400, 'a key is no user');
  const one = (await ask(`${sim.url}/Items/${id('Real')}?userId=${userId}`, 'GET', sim.apiKey)).json as Record<string, unknown>;
  t.match(one, { Genres: ['Drama'], UserData: { Played: false }, MediaSources: [{ Size: statSync(clip).size }] });
  t.same(
    await names('/Items?recursive=true&includeItemTypes=Movie&sortBy=ProductionYear,Nonsense&sortOrder=Descending&limit=1'),
    ['Ghost'],
  );
  const hidden = await list('/Items?recursive=true&limit=1');
  t.same(hidden.Items, [], 'recorded: the root itself is counted, takes a place, and is not shown');
});

t.test('people see what their policy allows', async (t) => {
  const kid = sim.users.byName('kid')?.id;
  t.same(
    await names(`/Items?recursive=true&includeItemTypes=Movie&userId=${kid}`),
    ['Ghost', 'Real'],
    'R is above PG; unrated passes',
  );
  t.equal((await ask(`${sim.url}/UserViews`, 'GET', sim.apiKey)).status, 400);
  t.same(await names(`/UserViews?userId=${userId}`), ['Collections', 'Films', 'Shows']);
  t.same(await names('/Library/MediaFolders'), ['Collections', 'Films', 'Shows']);
  t.same(await names('/Genres?includeItemTypes=Movie'), ['Crime', 'Drama']);
});

t.test('collections hide films by the server’s setting, and are looked into by parentId', async (t) => {
  t.same(await names(`/Items?parentId=${id('Saga')}`), ['Late']);
  sim.settings.configuration = { ...sim.settings.configuration, EnableGroupingMoviesIntoCollections: true };
  const ask3 = `/Items?recursive=true&includeItemTypes=Movie&userId=${userId}`;
  t.same(await names(ask3), ['Ghost', 'Real', 'Saga']);
  t.same(await names(`${ask3}&collapseBoxSetItems=false`), ['Ghost', 'Late', 'Real']);
});

t.test('a real file: streams with the external subtitle first, and its bytes by ranges without a token', async (t) => {
  const [film] = (await list('/Items?recursive=true&includeItemTypes=Movie&fields=MediaStreams&limit=1')).Items;
  const streams = film?.['MediaStreams'] as { Type: string; Index: number; IsExternal: boolean }[];
  t.same(
    streams.map(({ Type, Index, IsExternal }) => [Index, Type, IsExternal]),
    [
      [0, 'Subtitle', true],
      [1, 'Video', false],
      [2, 'Audio', false],
      [3, 'Subtitle', false],
    ],
  );
  const url = `${sim.url}/Videos/${id('Real')}/stream?static=true`;
  const whole = readFileSync(clip);
  const get = async (range?: string) => {
    const response = await fetch(url, range ? { headers: { Range: range } } : {});
    return {
      status: response.status,
      body: Buffer.from(await response.arrayBuffer()),
      range: response.headers.get('content-range'),
    };
  };
  t.ok((await get()).body.equals(whole));
  const middle = await get('bytes=100-199');
  t.same([middle.status, middle.range], [206, `bytes 100-199/${whole.length}`]);
  t.ok(middle.body.equals(whole.subarray(100, 200)));
  t.ok((await get('bytes=-50')).body.equals(whole.subarray(-50)));
  t.equal((await get(`bytes=${whole.length}-`)).status, 416);
  const head = await fetch(url, { method: 'HEAD' });
  t.same([head.status, head.headers.get('content-length')], [200, String(whole.length)]);
  t.equal((await fetch(`${url}&mediaSourceId=${'1'.repeat(32)}`)).status, 500);
  t.equal((await fetch(`${sim.url}/Items/${id('Real')}/Download`)).status, 401);
  t.equal((await fetch(`${sim.url}/Videos/${id('Ghost')}/stream?static=true`)).status, 404);
  t.equal((await fetch(`${sim.url}/Items/${id('Real')}/Images/Primary`)).status, 404);
});

/** Bytes that came, and how it ended; a stream that neither ends nor breaks off within 500 ms hangs. */
function draw(url: string): Promise<{ readonly bytes: number; readonly end: 'end' | 'cut' | 'hangs' }> {
  return new Promise((resolve) => {
    let bytes = 0;
    const asked = request(url, (response) => {
      const timer = setTimeout(() => {
        resolve({ bytes, end: 'hangs' });
        asked.destroy();
      }, 500);
      const done = (end: 'end' | 'cut') => {
        clearTimeout(timer);
        resolve({ bytes, end });
      };
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('end', () => done('end'));
      response.on('error', () => done('cut'));
    });
    asked.on('error', () => undefined);
    asked.end();
  });
}

t.test('streams that break', async (t) => {
  const url = `${sim.url}/Videos/${id('Real')}/stream?static=true`;
  sim.breakStreams({ itemId: id('Real'), kind: 'hang', afterBytes: 1000 });
  t.same(await draw(url), { bytes: 1000, end: 'hangs' });
  sim.mendStreams();
  sim.breakStreams({ kind: 'cut', afterBytes: 1000, times: 1 });
  t.same((await draw(url)).end, 'cut');
  t.same(await draw(url), { bytes: statSync(clip).size, end: 'end' });
  sim.breakStreams({ kind: 'gone', times: 1 });
  t.equal((await fetch(url)).status, 404);
  sim.changeItem(id('Real'), { facts: { file: join(folder, 'no.mkv') } });
  t.equal((await fetch(url)).status, 404, 'still listed, but its file is gone');
  sim.removeItem(id('Real'));
  t.same(await names('/Items?recursive=true&includeItemTypes=Movie'), ['Ghost', 'Late']);
});

t.test('thousands of items are paged through', async (t) => {
  await using large = await startJellyfinSimulator({ library: manyItems({ films: 1000, series: 20, episodes: 50 }) });
  const found = new Set<unknown>();
  for (let start = 0; ; start += 500) {
    const query = `recursive=true&includeItemTypes=Movie,Episode&startIndex=${start}&limit=500&enableTotalRecordCount=false`;
    const page = (await ask(`${large.url}/Items?${query}`, 'GET', large.apiKey)).json as List;
    for (const item of page.Items) found.add(item['Id']);
    if (page.Items.length < 500) break;
  }
  t.equal(found.size, 2000);
});
