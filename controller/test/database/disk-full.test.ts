// A disk that takes no more: writes are refused, memory stays what the disk holds, and writing goes on when there is space.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';
import { addNote, allNotes, openNotes, temporaryFolder } from './notes-database.ts';
import { startWriter } from './start-writer.ts';

for (const atOnce of [1, 64]) {
  t.test(`with ${atOnce} writers at once`, async (t) => {
    await using folder = await temporaryFolder();
    // Headgate's own small journal header and tables fit; RLIMIT_FSIZE then fails writes as a full disk does, without needing root.
    await using writer = startWriter({ folder: folder.path, prefix: 'a', atOnce, fileSizeLimit: 200_000 });
    await writer.saw((line) => line === '!storage_failed');
    t.ok(
      writer.lines.some((line) => line.startsWith('+')),
      'writes before were acknowledged',
    );
    t.notOk(
      writer.lines.some((line) => /^!(?!storage_failed)/.test(line)),
      'no other error',
    );
    const before = writer.lines.length;
    await promisify(execFile)('prlimit', ['--pid', String(writer.child.pid), '--fsize=unlimited']);
    await writer.saw((line) => line.startsWith('+') && writer.lines.indexOf(line) >= before);
    await writer.end('SIGTERM');
    const acknowledged = writer.lines.filter((line) => line.startsWith('+')).map((line) => `a${line.slice(1)}`);
    t.equal(writer.lines.at(-1), `=${acknowledged.length}`, 'memory holds exactly what was acknowledged');
    await using db = await openNotes(folder.path);
    t.same(db.problems, []);
    const present = (await allNotes(db)).map(([id]) => id);
    t.same(present, acknowledged.sort(), 'exactly what was acknowledged is there');
    await addNote(db, 'after');
  });
}
