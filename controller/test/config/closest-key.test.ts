// Guesses for keys that do not exist.
import t from 'tap';
import { hint } from '../../src/config/closest-key.ts';

t.test('a near key of the section is offered first, then where a former key went, then all keys', async (t) => {
  const known = ['min_per_viewer', 'max_per_viewer', 'algorithm', 'http', 'home'];
  const cases = [
    ['htpt', 'did you mean http?'],
    ['algoritm', 'did you mean algorithm?'],
    ['min_per_viewr', 'did you mean min_per_viewer?'],
    ['HTTP', 'did you mean http?'],
    ['total_upload_mbps', 'here it is uplink.upload'],
    ['zzz', 'known here: min_per_viewer, max_per_viewer, algorithm, http, home'],
    ['constructor', 'known here: min_per_viewer, max_per_viewer, algorithm, http, home'],
    ['x'.repeat(10_000), 'known here: min_per_viewer, max_per_viewer, algorithm, http, home'],
  ] as const;
  for (const [written, answer] of cases) t.equal(hint(written, known), answer, written.slice(0, 40));
});
