// One refresh for a series of changes, soon where somebody waits for a channel.
import t from 'tap';
import { createRefreshDebounce } from '../../../src/channels/registration/refresh-debounce.ts';

t.test('after a minute of quiet, 4 s after a channel came, 10 min after the first of changes without an end', async (t) => {
  let now = 0;
  const changes = createRefreshDebounce({ monotonic: () => now });
  const at = (ms: number): boolean => {
    now = ms;
    return changes.take();
  };
  t.equal(at(1_000), false, 'nothing changed');
  changes.note(false);
  t.equal(at(60_000), false);
  t.equal(at(61_000), true);
  t.equal(at(200_000), false, 'once');
  changes.note(false);
  changes.note(true);
  t.equal(at(203_000), false);
  t.equal(at(204_000), true);
  changes.note(false);
  t.equal(at(210_000), false, 'the next series is quiet again');
  for (let ms = 211_000; ms < 803_000; ms += 1_000) {
    now = ms;
    changes.note(false);
  }
  t.equal(at(803_000), false);
  changes.note(false);
  t.equal(at(804_000), true, 'ten minutes after its first');
});
