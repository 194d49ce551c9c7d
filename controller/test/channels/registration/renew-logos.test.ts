// A changed logo: the old picture goes, once, where the channel is shown; one that has none is no failure.
import t from 'tap';
import type { RegistrationServer } from '../../../src/channels/registration/carry-out.ts';
import { takeLogosAway } from '../../../src/channels/registration/renew-logos.ts';
import { ControllerError } from '../../../src/errors.ts';

const NEVER = new AbortController().signal;
const CHANNELS = [
  { id: '1', number: '101', name: 'Films', picture: 'p' },
  { id: '2', number: '102', name: 'Shows', picture: 'p' },
  { id: '3', number: '103', name: 'New', picture: 'p' },
];

const serverWith = (failure: ControllerError | null) => {
  const removed: string[] = [];
  const server = {
    channels: async () => CHANNELS.slice(0, 2).map(({ id, name, number }) => ({ id: `j${id}`, name, number })),
    async removeImage(id: string) {
      removed.push(id);
      if (failure !== null) throw failure;
    },
  } as unknown as RegistrationServer; // the two calls that are made
  return { server, removed };
};

t.test('each once; a channel that the server does not show yet has no old picture there', async (t) => {
  const { server, removed } = serverWith(null);
  const changed = new Set(['2', '3', 'gone']);
  await takeLogosAway(server, changed, CHANNELS, NEVER);
  t.same(removed, ['j2']);
  t.equal(changed.size, 0);
});

t.test('no picture is no failure; another failure leaves the rest to be done', async (t) => {
  const none = serverWith(new ControllerError('not_found', 'none'));
  await takeLogosAway(none.server, new Set(['1', '2']), CHANNELS, NEVER);
  t.same(none.removed, ['j1', 'j2']);
  const gone = serverWith(new ControllerError('upstream_unreachable', 'gone'));
  const changed = new Set(['1', '2']);
  await t.rejects(takeLogosAway(gone.server, changed, CHANNELS, NEVER), { code: 'upstream_unreachable' });
  t.same([...changed], ['1', '2']);
});
