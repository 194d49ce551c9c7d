// Who Headgate is at a Jellyfin, where the configuration names no device.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { instanceId } from '../../src/wiring/instance-id.ts';

t.test('row 153: an id is made once, and the same after each restart; another installation has another', async (t) => {
  const folder = t.testdir({ a: {}, b: {} });
  const first = await instanceId(join(folder, 'a'));
  t.match(first, /^[0-9a-f]{16}$/);
  t.equal(await instanceId(join(folder, 'a')), first);
  t.not(await instanceId(join(folder, 'b')), first);
  await writeFile(join(folder, 'a', 'instance-id'), 'half');
  t.match(await instanceId(join(folder, 'a')), /^[0-9a-f]{16}$/, 'a damaged one is made anew');
});
