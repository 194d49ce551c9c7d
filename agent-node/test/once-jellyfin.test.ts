// The program beside a simulated Jellyfin: it is told of what is new, once, and of nothing else.
import type { NodeReport } from '@headgate/protocol';
import t from 'tap';
import { startJellyfinSimulator } from '../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import { startNodeHome, until } from './node-home.ts';
import { bytesOf } from './share-server.ts';
import { startTestBroker } from './test-broker.ts';

t.setTimeout(120_000);

t.test('rows 213, 231: n new files are one call, none new is none, and without a key nobody is called', async (t) => {
  await using home = await startNodeHome();
  await using sim = await startJellyfinSimulator({ library: [{ name: 'Films', films: [{ name: 'Old', year: 2001 }] }] });
  const { server } = home;
  const model = sim.items.find(({ name }) => name === 'Old')?.path ?? '';
  const path = (name: string): string => model.replaceAll('Old', name).replace('/media/', '');
  const items = ['New', 'Newer'].map((name, index) =>
    server.share(`${String(index).repeat(40)}/x.mkv`, bytesOf(1_000, name), { path: path(name) }),
  );
  server.publish('family', items);
  const changing = () => sim.requests().filter(({ method }) => method === 'POST');
  const jellyfin = `jellyfin: { url: '${sim.url}', key: ${sim.apiKey}, path_map: [{ from: '${home.library}', to: /media }] }\n`;
  const running = home.run(['--once'], { yaml: jellyfin });
  await until('the call', () => changing().length > 0);
  await sim.addItems([{ name: 'Films', films: ['New', 'Newer'].map((name) => ({ name, year: 2001 })) }]);
  const ran = await running;
  t.equal(ran.code, 0, ran.err);
  t.match(ran.err, /Jellyfin has it.*after_s|after_s.*Jellyfin has it|"text":"Jellyfin has it"/);
  t.equal(changing().length, 1);
  sim.forgetRequests();
  t.equal((await home.run(['--once'], { yaml: jellyfin })).code, 0);
  t.same(sim.requests(), [], 'nothing new: nothing is asked');
  server.publish('family', [...items, server.share(`${'2'.repeat(40)}/x.mkv`, bytesOf(1_000, '3'), { path: path('Third') })]);
  t.equal((await home.run(['--once'], { yaml: jellyfin.replace(/key: \w+, /, '') })).code, 0);
  t.same(sim.requests(), []);
  t.notMatch(ran.err, sim.apiKey);
});

t.test('killed before the media server was told, it is told by the next round', async (t) => {
  await using home = await startNodeHome();
  await using sim = await startJellyfinSimulator({ library: [{ name: 'Films', films: [{ name: 'Old', year: 2001 }] }] });
  const model = sim.items.find(({ name }) => name === 'Old')?.path ?? '';
  const path = model.replaceAll('Old', 'New').replace('/media/', '');
  home.server.publish('family', [home.server.share(`${'0'.repeat(40)}/x.mkv`, bytesOf(1_000), { path })]);
  const yaml = `jellyfin: { url: '${sim.url}', key: ${sim.apiKey}, path_map: [{ from: '${home.library}', to: /media }] }\n`;
  sim.inject({ method: 'POST', path: /Refresh/, times: 1, answer: 'hang' });
  await using node = home.start({ yaml });
  const calls = () => sim.requests().filter(({ method }) => method === 'POST');
  await until('the film', () => home.seen().includes(path));
  await until('the call', () => sim.requests().length > 0);
  await node.stop('SIGKILL');
  sim.clearFaults();
  const before = calls().length;
  const running = home.run(['--once'], { yaml });
  await until('the call', () => calls().length > before);
  await sim.addItems([{ name: 'Films', films: [{ name: 'New', year: 2001 }] }]);
  const ran = await running;
  t.equal(ran.code, 0, ran.err);
  t.equal(home.server.countOf('/web-seed'), 1);
});

t.test('when it had what was new is told over MQTT once it has it, though nothing else happens then', async (t) => {
  await using home = await startNodeHome();
  await using broker = await startTestBroker();
  await using sim = await startJellyfinSimulator({ library: [{ name: 'Films', films: [{ name: 'Old', year: 2001 }] }] });
  const path = (sim.items.find(({ name }) => name === 'Old')?.path ?? '').replaceAll('Old', 'New').replace('/media/', '');
  home.server.publish('family', [home.server.share(`${'0'.repeat(40)}/x.mkv`, bytesOf(1_000), { path })]);
  const jellyfin = `jellyfin: { url: '${sim.url}', key: ${sim.apiKey}, path_map: [{ from: '${home.library}', to: /media }] }\n`;
  home.start({ yaml: `${jellyfin}mqtt: { url: '${broker.url}' }\n` });
  await until('the call', () => sim.requests().some(({ method }) => method === 'POST'));
  await sim.addItems([{ name: 'Films', films: [{ name: 'New', year: 2001 }] }]);
  const told = () => (broker.last('/report') as NodeReport | undefined)?.jellyfin;
  await until('told', () => typeof told()?.had_it_after_s === 'number');
  t.match(told(), { problem: null });
});
