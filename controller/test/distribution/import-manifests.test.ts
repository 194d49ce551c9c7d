// The folder of manifests of the server that this takes the place of.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { importManifests } from '../../src/distribution/import-manifests.ts';
import { rememberingLog } from '../http/serve.ts';
import { openParts } from './open-distribution.ts';

t.test('rows 236, 240, 241: manifests of the seed are read once; what is no manifest is told and left alone', async (t) => {
  const { manifests, folder } = await openParts(t);
  const place = join(folder, 'manifests');
  await mkdir(place);
  const items = [
    { title: 'One', torrent: 'magnet:?xt=urn:btih:ABC&tr=udp://tracker.example:80', path: 'One.mkv', sha256: 'a'.repeat(64) },
    { title: 'Two', torrent: 'https://example.org/two.torrent', path: 'Two/Two.mkv' },
  ];
  const files: Readonly<Record<string, unknown>> = {
    family: { group: 'family', items },
    friends: { group: 'called-otherwise', items: [items[1]] },
    broken: { items: [{ ...items[0], path: '../../etc/cron.d/x' }] },
    'not allowed': { items },
    elsewhere: { items },
    text: 'not a manifest',
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(place, `${name}.json`), JSON.stringify(content));
  await writeFile(join(place, 'half.json'), '{"items": [');
  await writeFile(join(place, 'notes.txt'), 'no');
  const { log, lines } = rememberingLog();
  const groups = ['family', 'friends', 'broken', 'text', 'half', 'not allowed'];
  await importManifests(place, { manifests, groups, log });
  t.same(
    manifests.all().map(({ name, version }) => [name, version]),
    [
      ['family', 1],
      ['friends', 1],
    ],
  );
  t.same(manifests.get('family')?.items, items);
  for (const told of [
    /broken\.json.*items\.0\.path/,
    /not allowed\.json/,
    /elsewhere\.json.*not configured/,
    /text\.json/,
    /half\.json/,
  ])
    t.match(lines(), told);
  await manifests.change('family', () => []);
  await importManifests(place, { manifests, groups, log });
  t.same(manifests.get('family')?.items, [], 'what is known already is not read again');
  await importManifests(join(folder, 'none'), { manifests, groups, log });
  t.match(lines(), /folder of manifests cannot be read/);
});
