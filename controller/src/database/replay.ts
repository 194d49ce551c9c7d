// Runs journal records on a database in memory and holds what they do against what they did.
import { messageOf } from '../errors.ts';
import { decodePayload } from './journal-record.ts';
import type { JournalRecord } from './read-journal.ts';
import type { SqliteEngine } from './sqlite-engine.ts';
import { countsRows } from './statement-rules.ts';

/** `problems`: sentences; empty where every record did what it had done when it was written. */
export type Replayed = { readonly statements: number; readonly nextSequence: number; readonly problems: readonly string[] };

/**
 * Records run in the order of their sequence numbers from `expected` on; lower ones are in the snapshot already. After a gap each
 * later record still runs (an original that somebody had is worth having), but only if it changes just as many rows as it did:
 * one that builds on what was lost is left out and told. Statements keep their meaning because times and ids are parameters.
 */
export function replay(engine: SqliteEngine, records: readonly JournalRecord[], expected: number): Replayed {
  let next = expected;
  let statements = 0;
  let gap = false;
  const problems: string[] = [];
  for (const record of records) {
    if (record.sequence < next) continue;
    if (record.sequence > next) {
      gap = true;
      problems.push(`Of the journal, ${record.sequence - next} transactions before number ${record.sequence} are missing.`);
    }
    next = record.sequence + 1;
    const ran = runRecord(engine, record, gap);
    statements += ran.statements;
    if (ran.problem !== null) problems.push(ran.problem);
  }
  return { statements, nextSequence: next, problems };
}

/** `strict`: a different row count undoes the record; else it is kept (no record is lost, so nothing better is known) and told. */
function runRecord(engine: SqliteEngine, record: JournalRecord, strict: boolean): { statements: number; problem: string | null } {
  let problem: string | null = null;
  try {
    const statements = decodePayload(record.payload);
    engine.run('begin', []);
    for (const { sql, parameters, changes } of statements) {
      const did = engine.run(sql, parameters).changes;
      if (!countsRows(sql) || did === changes) continue;
      problem = `Transaction ${record.sequence} changed ${did} rows when it was replayed, not ${changes}.`;
      if (strict) throw new Error(problem);
    }
    engine.run('commit', []);
    return { statements: statements.length, problem };
  } catch (error) {
    try {
      engine.run('rollback', []);
    } catch {
      // no transaction was open: the record could not be decoded
    }
    return { statements: 0, problem: `Transaction ${record.sequence} was left out: ${messageOf(error)}` };
  }
}
