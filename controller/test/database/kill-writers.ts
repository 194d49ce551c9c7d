// Kills a writing process at random moments and counts the acknowledged writes that are gone afterwards.
import { allNotes, openNotes, temporaryFolder } from './notes-database.ts';
import { startWriter } from './start-writer.ts';

export type KillReport = {
  readonly kills: number;
  readonly acknowledged: number;
  /** Ids of acknowledged notes that were not there after the kill. */
  readonly lost: readonly string[];
  /** Damage told at any opening: a killed process leaves none. */
  readonly problems: readonly string[];
};

/** `random`: 0 to 1, seeded by the caller. One and 64 writers at once in turn; a small limit makes compaction run all the time. */
export async function killWriters(kills: number, random: () => number): Promise<KillReport> {
  await using folder = await temporaryFolder();
  const acknowledged: string[] = [];
  const problems: string[] = [];
  for (let round = 0; round < kills; round += 1) {
    const prefix = `r${round}-`;
    await using writer = startWriter({ folder: folder.path, prefix, atOnce: round % 2 === 0 ? 1 : 64, compactAfter: 150 });
    const opened = await writer.saw((line) => line.startsWith('open '));
    if (opened !== 'open []') problems.push(opened);
    await writer.saw((line) => line.startsWith('+'));
    await new Promise((resolve) => setTimeout(resolve, random() * 250));
    await writer.end('SIGKILL');
    for (const line of writer.lines) if (line.startsWith('+')) acknowledged.push(`${prefix}${line.slice(1)}`);
  }
  await using db = await openNotes(folder.path);
  problems.push(...db.problems);
  const present = new Set((await allNotes(db)).map(([id]) => id));
  return { kills, acknowledged: acknowledged.length, lost: acknowledged.filter((id) => !present.has(id)), problems };
}
