// Which WAN counts: a table of homes.
import t from 'tap';
import { primaryWan } from '../../src/telemetry/primary-wan.ts';
import type { WanLatest } from '../../src/telemetry/wan-latest.ts';
import { linkOf, throughputOf } from './messages.ts';

const NOW = 100_000;
type Seen = { readonly up?: boolean; readonly primary?: boolean; readonly heardAgo?: number | null };

const wan = (router: string, name: string, { up, primary = false, heardAgo = 500 }: Seen = {}): WanLatest => ({
  router,
  wan: name,
  throughput: heardAgo === null ? null : throughputOf(),
  heardAt: heardAgo === null ? null : NOW - heardAgo,
  heardUtc: null,
  sqm: null,
  link: up === undefined ? null : linkOf({ up, primary }),
});
const ANY = { router: null, wan: null };

t.test('the primary WAN', async (t) => {
  for (const [name, wans, wanted, is] of [
    ['nothing was heard', [], ANY, null],
    ['a WAN of which only SQM was heard does not count', [{ ...wan('r', 'a'), throughput: null, heardAt: null }], ANY, null],
    ['the only one', [wan('r', 'a')], ANY, 'r/a'],
    ['the router says which', [wan('r', 'a', { up: true }), wan('r', 'b', { up: true, primary: true })], ANY, 'r/b'],
    [
      'one that is down is not primary, whatever it says',
      [wan('r', 'a', { up: false, primary: true }), wan('r', 'b', { up: true })],
      ANY,
      'r/b',
    ],
    [
      'a dead router’s old word does not win over a living router',
      [wan('old', 'a', { up: true, primary: true, heardAgo: 60_000 }), wan('r', 'b', { up: true, primary: true })],
      ANY,
      'r/b',
    ],
    ['the last word of the only router stands', [wan('r', 'a', { up: true, primary: true, heardAgo: 3_600_000 })], ANY, 'r/a'],
    ['none says: the one heard last', [wan('r', 'a', { heardAgo: 900 }), wan('r', 'b', { heardAgo: 100 })], ANY, 'r/b'],
    [
      'a WAN by configuration',
      [wan('r', 'a', { up: true, primary: true }), wan('r', 'b', { up: true })],
      { router: null, wan: 'b' },
      'r/b',
    ],
    [
      'a router by configuration',
      [wan('r', 'a', { up: true, primary: true }), wan('s', 'a', { up: true })],
      { router: 's', wan: null },
      's/a',
    ],
    ['both by configuration', [wan('r', 'b'), wan('s', 'a'), wan('s', 'b')], { router: 's', wan: 'b' }, 's/b'],
    [
      'within the named router its own word counts',
      [wan('s', 'a', { up: true }), wan('s', 'b', { up: true, primary: true })],
      { router: 's', wan: null },
      's/b',
    ],
    ['a configured one that was never heard', [wan('r', 'a')], { router: 'x', wan: null }, 'r/a'],
  ] as const) {
    const found = primaryWan(wans, NOW, wanted);
    t.equal(found === null ? null : `${found.router}/${found.wan}`, is, name);
  }
});
