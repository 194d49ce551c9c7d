// Which hooks are echoes of our own writing, and need not be kept.
import t from 'tap';
import { untouched } from '../../../src/neighbours/watch-state.ts';
import { createExpectedEchoes } from '../../../src/sync/state/expected-echoes.ts';

const place = { server: 'barn', userId: 'u'.repeat(32), itemId: 'i'.repeat(32) };
const told = { type: 'UserDataSaved', userId: place.userId, itemId: place.itemId, unmeant: [] };
const liked = { ...untouched, favourite: true };

t.test('what was just written is an echo once: the same said again may be somebody’s', async (t) => {
  const echoes = createExpectedEchoes();
  t.notOk(echoes.isEcho('barn', { ...told, has: liked }), 'nothing was written');
  echoes.expect(place, liked);
  t.notOk(echoes.isEcho('attic', { ...told, has: liked }), 'of another server');
  t.ok(echoes.isEcho('barn', { ...told, has: liked }));
  t.notOk(echoes.isEcho('barn', { ...told, has: liked }));
});

t.test('whatever else is told of the place counts, and so does what comes after it', async (t) => {
  const echoes = createExpectedEchoes();
  echoes.expect(place, liked);
  t.notOk(echoes.isEcho('barn', { ...told, has: { ...liked, positionMs: 60_000 } }));
  t.notOk(echoes.isEcho('barn', { ...told, has: liked }), 'set back and anew');
});

t.test('a part of the state, a player’s report and what nobody meant are no echoes', async (t) => {
  for (const one of [
    { ...told, has: { favourite: true } },
    { ...told, has: liked, unmeant: ['played' as const] },
    { ...told, type: 'PlaybackStop', has: liked },
    { ...told, userId: null, has: liked },
  ]) {
    const echoes = createExpectedEchoes();
    echoes.expect(place, liked);
    t.notOk(echoes.isEcho('barn', one));
  }
});

t.test('what failed is not expected, and of servers without hooks no more than a thousand are', async (t) => {
  const echoes = createExpectedEchoes();
  echoes.expect(place, liked);
  echoes.forget(place);
  t.notOk(echoes.isEcho('barn', { ...told, has: liked }));
  for (let n = 0; n <= 1_000; n += 1) echoes.expect({ ...place, itemId: `${n}` }, liked);
  t.notOk(echoes.isEcho('barn', { ...told, itemId: '0', has: liked }), 'the oldest is forgotten');
  t.ok(echoes.isEcho('barn', { ...told, itemId: '1', has: liked }));
});
