// Wrong bytes at a node are told once: not at each try, nor after a restart; but again when they were right meanwhile.
import type { NodeReport } from '@headgate/protocol';
import t from 'tap';
import { openQuarantines } from '../../src/distribution/quarantines.ts';
import { nodeReportOf } from './node-reports.ts';
import { newFolder, openParts } from './open-distribution.ts';

type State = NodeReport['items'][number]['state'];
const report = (...states: State[]): NodeReport =>
  nodeReportOf(states.map((state, i) => ({ path: `${i}.mkv`, title: `Film ${i}`, state, problem: 'sha256 differs' })));

t.test('row 212: an item with wrong bytes is told once for each node', async (t) => {
  const folder = await newFolder(t);
  const open = async () => {
    const parts = await openParts(t, { folder });
    const told: string[] = [];
    const tell = (node: string, { path }: { readonly path: string }) => told.push(`${node} ${path}`);
    return { ...parts, told, quarantines: await openQuarantines({ db: parts.db, tell, now: parts.clock.now }) };
  };
  const first = await open();
  await first.quarantines.heard('pi', report('placed', 'quarantined'));
  await first.quarantines.heard('pi', report('placed', 'downloading'));
  await first.quarantines.heard('pi', report('placed', 'quarantined'));
  t.same(first.told, ['pi 1.mkv'], 'another try that ends the same way is no news');
  await first.quarantines.heard('nuc', report('placed', 'quarantined'));
  t.same(first.told, ['pi 1.mkv', 'nuc 1.mkv']);
  await first.close();
  const { quarantines, told } = await open();
  await quarantines.heard('pi', report('placed', 'quarantined'));
  t.same(told, [], 'nor is a restart');
  await quarantines.heard('pi', report('placed', 'placed'));
  await quarantines.heard('pi', report('quarantined', 'quarantined'));
  t.same(told, ['pi 0.mkv', 'pi 1.mkv']);
  await quarantines.heard('pi', report());
  await quarantines.heard('pi', report('quarantined'));
  t.same(told.slice(2), ['pi 0.mkv'], 'what was shared no more and came back is told again');
  await quarantines.forget('nuc');
  await quarantines.heard('nuc', report('placed', 'quarantined'));
  t.same(told.slice(3), ['nuc 1.mkv']);
});
