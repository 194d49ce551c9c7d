// Who waits for a media server's library hears when it is there.
import t from 'tap';
import type { NeighbourHealth } from '../../../src/neighbours/health.ts';
import type { MediaServer } from '../../../src/neighbours/media-server.ts';
import { tellingReturns } from '../../../src/wiring/television/telling-returns.ts';

t.test('back is called at the first answer and after each silence, and what was heard goes on', async (t) => {
  const states: NeighbourHealth['state'][] = ['unreachable', 'polling', 'live', 'unreachable', 'starting', 'live', 'refused'];
  const server: MediaServer = {
    ...{ name: 'main', type: 'jellyfin', onUplink: true, pauseGraceMs: 0, userLimits: null },
    async watch(hear) {
      for (const state of states) hear.health({ state, since: 0, problem: null });
    },
  };
  const back: string[] = [];
  const heard: string[] = [];
  const listener = { sessions: () => undefined, health: ({ state }: NeighbourHealth) => void heard.push(state) };
  await tellingReturns(server, (name) => back.push(name)).watch(listener, new AbortController().signal);
  t.same(back, ['main', 'main']);
  t.same(heard, states);
});
