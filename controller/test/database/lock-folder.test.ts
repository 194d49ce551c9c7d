// One process owns a folder, and a dead one owns nothing.
import t from 'tap';
import { openNotes, temporaryFolder } from './notes-database.ts';
import { startWriter } from './start-writer.ts';

t.test('a second instance is told, in another process and in this one; after the first closed it opens', async (t) => {
  await using folder = await temporaryFolder();
  {
    await using db = await openNotes(folder.path);
    t.same(db.problems, []);
    await t.rejects(openNotes(folder.path), { code: 'locked' });
    await using second = startWriter({ folder: folder.path, prefix: 'b' });
    t.equal(await second.saw((line) => line.startsWith('failed')), 'failed locked');
  }
  await using db = await openNotes(folder.path);
  t.same(db.problems, []);
});

t.test('the lock of a killed process does not block', async (t) => {
  await using folder = await temporaryFolder();
  await using first = startWriter({ folder: folder.path, prefix: 'a' });
  await first.saw((line) => line.startsWith('+'));
  await t.rejects(openNotes(folder.path), { code: 'locked' });
  await first.end('SIGKILL');
  await using db = await openNotes(folder.path);
  t.same(db.problems, []);
});

t.test('without the program flock a name of the kernel does the same', async (t) => {
  await using folder = await temporaryFolder();
  const programs = folder.path; // holds no programs
  await using first = startWriter({ folder: folder.path, prefix: 'a', programs });
  await first.saw((line) => line.startsWith('+'));
  await using second = startWriter({ folder: folder.path, prefix: 'b', programs });
  t.equal(await second.saw((line) => line.startsWith('failed')), 'failed locked');
  await first.end('SIGKILL');
  await using third = startWriter({ folder: folder.path, prefix: 'c', programs });
  t.equal(await third.saw((line) => line.startsWith('open')), 'open []');
  await third.end('SIGTERM');
});
