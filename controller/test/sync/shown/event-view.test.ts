// Rows of the queue as the API shows them.
import t from 'tap';
import { viewQueued, viewWaiting } from '../../../src/sync/shown/event-view.ts';
import { NEVER_MS } from '../../../src/sync/state/queue-store.ts';
import { queueRow } from '../sync-database.ts';

t.test('row 301: what waits says how often it was looked for, how often it may be, and when it is looked for next', async (t) => {
  const row = queueRow(7, { status: 'waiting', absent_tries: 2, due_ms: 60_000 });
  t.match(viewWaiting(row, 3), {
    ...{ status: 'waiting_for_item', item_not_found_count: 2, item_not_found_max: 3 },
    next_retry_at: '1970-01-01T00:01:00.000Z',
  });
  t.equal(viewWaiting({ ...row, due_ms: NEVER_MS }, -1).next_retry_at, null, 'the index tells when it is there');
});

t.test(
  'what is to be written says how often that failed, and when it is tried next; what was set aside is not tried by itself',
  async (t) => {
    const row = queueRow(7, { attempts: 4, problem: 'no', due_ms: 60_000 });
    t.match(viewQueued(row), { retry_count: 4, last_error: 'no', next_retry_at: '1970-01-01T00:01:00.000Z' });
    t.equal(viewQueued({ ...row, status: 'failed' }).next_retry_at, null);
  },
);
