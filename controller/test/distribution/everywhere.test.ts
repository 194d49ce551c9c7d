// When an item is on every node of its group: told once, from whole reports and shortened ones.
import type { NodeReport } from '@headgate/protocol';
import t, { type Test } from 'tap';
import { openEverywhere } from '../../src/distribution/everywhere.ts';
import { item, newFolder, openParts } from './open-distribution.ts';

type State = NodeReport['items'][number]['state'];

const report = (states: Readonly<Record<string, State>>, more: { version?: number; morePlaced?: number } = {}): NodeReport => ({
  ...{ at: '2026-11-27T00:00:00Z', site: 'home', paused: false, free_bytes: null, up_bps: 0, down_bps: 0, jellyfin: null },
  ...{ limits_lease_left_s: null, more_placed: more.morePlaced ?? 0 },
  groups: [{ group: 'family', version: more.version ?? 1, stale_since: null, problem: null }],
  items: Object.entries(states).map(([path, state]) => ({
    ...{ group: 'family', title: path, path, state, bytes_done: 0, bytes_total: null, up_bps: 0, down_bps: 0, peers: 0 },
    ...{ seeding: false, problem: null },
  })),
});

async function open(t: Test, folder?: string) {
  const parts = await openParts(t, folder === undefined ? {} : { folder });
  const told: string[] = [];
  const { db, manifests, tokens, clock } = parts;
  const everywhere = await openEverywhere({
    ...{ db, group: manifests.get, nodes: tokens.all, now: clock.now },
    tell: (group, one, nodes) => told.push(`${group} ${one.path} ${nodes}`),
  });
  return { ...parts, everywhere, told };
}

t.test('an item is told once when the last node has it, also over a restart', async (t) => {
  const folder = await newFolder(t);
  const { everywhere, told, manifests, tokens, close } = await open(t, folder);
  await manifests.change('family', () => [item('One'), item('Two')]);
  for (const node of ['pi', 'nuc']) await tokens.add({ node, site: 'home', groups: ['family'] });
  await tokens.add({ node: 'other', site: 'home', groups: ['friends'] });
  await everywhere.heard('pi', report({ 'One.mkv': 'placed', 'Two.mkv': 'placed' }));
  await everywhere.heard('nuc', report({ 'One.mkv': 'verifying' }));
  await everywhere.heard('other', report({ 'One.mkv': 'placed' }));
  t.same(told, []);
  await everywhere.heard('nuc', report({ 'One.mkv': 'placed', 'Two.mkv': 'downloading' }));
  await everywhere.heard('nuc', report({ 'One.mkv': 'placed' }));
  t.same(told, ['family One.mkv 2']);
  await everywhere.heard('pi', report({ 'One.mkv': 'placed', 'Two.mkv': 'quarantined' }));
  await everywhere.heard('nuc', report({ 'One.mkv': 'placed', 'Two.mkv': 'placed' }));
  t.same(told, ['family One.mkv 2'], 'what one has lost is not everywhere');
  await close();
  const again = await open(t, folder);
  for (const node of ['pi', 'nuc']) await again.everywhere.heard(node, report({ 'One.mkv': 'placed', 'Two.mkv': 'placed' }));
  t.same(again.told, ['family Two.mkv 2']);
  await again.manifests.change('family', () => [item('Two')]);
  await again.everywhere.changed('family');
  await again.manifests.change('family', () => [item('One'), item('Two')]);
  for (const node of ['pi', 'nuc']) await again.everywhere.heard(node, report({ 'One.mkv': 'placed', 'Two.mkv': 'placed' }));
  t.same(again.told, ['family Two.mkv 2', 'family One.mkv 2'], 'what was away and came back is told again');
});

t.test('what a long report leaves out counts as placed only where the node knows this version', async (t) => {
  const { everywhere, told, manifests, tokens } = await open(t);
  await manifests.change('family', () => [item('One'), item('Two')]);
  await manifests.change('family', () => [item('One'), item('Two'), item('Three')]);
  await tokens.add({ node: 'pi', site: 'home', groups: ['family'] });
  await everywhere.heard('pi', report({ 'Three.mkv': 'waiting' }, { version: 1, morePlaced: 2 }));
  t.same(told, []);
  await everywhere.heard('pi', report({ 'Three.mkv': 'waiting' }, { version: 2, morePlaced: 2 }));
  t.same(told, [], 'nor where it had no room for all that is not placed: what is placed comes last');
  await everywhere.heard('pi', report({ 'Three.mkv': 'waiting', 'Two.mkv': 'placed' }, { version: 2, morePlaced: 1 }));
  t.same(told, ['family One.mkv 1', 'family Two.mkv 1']);
});

t.test('who comes to a group counts from then on, and who is gone counts no more', async (t) => {
  const { everywhere, told, manifests, tokens } = await open(t);
  await manifests.change('family', () => [item('One'), item('Two')]);
  for (const node of ['pi', 'nuc', 'old']) await tokens.add({ node, site: 'home', groups: ['family'] });
  for (const node of ['pi', 'old']) await everywhere.heard(node, report({ 'One.mkv': 'placed' }));
  await tokens.remove('old');
  await everywhere.heard('nuc', report({ 'Two.mkv': 'placed' }));
  t.same(told, [], 'the one that is gone does not stand for another');
  await tokens.add({ node: 'new', site: 'home', groups: ['family'] });
  await everywhere.heard('nuc', report({ 'One.mkv': 'placed' }));
  t.same(told, []);
  await everywhere.heard('new', report({ 'One.mkv': 'placed' }));
  t.same(told, ['family One.mkv 3']);
});
