// Remembers what kind each statement is, since its text is read through several times to tell.
import { type StatementKind, statementKind } from './statement-rules.ts';

/** Kysely makes the same texts again and again; hand-written ones with values in them must not fill memory. */
const maxKnownTexts = 1_000;

/** statementKind with a memory. */
export function createKinds(): (sql: string) => StatementKind {
  const known = new Map<string, StatementKind>();
  return (sql) => {
    const kind = known.get(sql) ?? statementKind(sql);
    if (known.size >= maxKnownTexts) known.clear();
    known.set(sql, kind);
    return kind;
  };
}
