// A process of its own for the tests: writes notes as fast as it can and says on stdout which ones were acknowledged.
// Arguments: folder, prefix of the ids, writers at once, statements until compaction. SIGTERM ends it cleanly.
import { addNote, allNotes, openNotes } from './notes-database.ts';

const [, , folder = '', prefix = '', atOnce = '1', compactAfter = '10000'] = process.argv;
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
// Node ignores the signal of RLIMIT_FSIZE; tap's preload in this process would end it, unless somebody else listens.
process.on('SIGXFSZ', () => {});

try {
  await using db = await openNotes(folder, { compactAfterStatements: Number(compactAfter) });
  process.stdout.write(`open ${JSON.stringify(db.problems)}\n`);
  let next = 0;
  const write = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const n = next++;
      try {
        await addNote(db, `${prefix}${n}`, n, new Uint8Array(100));
        process.stdout.write(`+${n}\n`);
      } catch (error) {
        process.stdout.write(`!${error instanceof Error && 'code' in error ? error.code : error}\n`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  };
  await Promise.all(Array.from({ length: Number(atOnce) }, write));
  process.stdout.write(`=${(await allNotes(db)).length}\n`);
} catch (error) {
  process.stdout.write(`failed ${error instanceof Error && 'code' in error ? error.code : error}\n`);
  process.exitCode = 1;
}
