// PURE: is a statement a read or a write, and may it go into the journal at all?

/** `read` leaves nothing behind; `write` is journaled; `refused` carries the sentence for whoever wrote it. */
export type StatementKind = { readonly kind: 'read' | 'write' } | { readonly kind: 'refused'; readonly why: string };

/** Text, quoted names and comments can hold any word: they are emptied before words are looked for. */
const quoted = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\//g;

/** Values that differ when the journal is replayed: https://www.sqlite.org/deterministic.html and connection state. */
const notDeterministic =
  /\b(?:current_timestamp|current_date|current_time)\b|\b(?:random|randomblob|last_insert_rowid|changes|total_changes|date|time|datetime|julianday|unixepoch|strftime|timediff)\s*\(/i;

/** Conflict rules that leave half a statement behind or end the transaction behind the driver's back. */
const halfDone = /\bor\s+(?:fail|rollback)\b|\bon\s+conflict\s+(?:fail|rollback)\b|\braise\s*\(\s*(?:fail|rollback)\b/i;

/** Pragmas that only tell; the others change the connection, which no journal would repeat. */
const tellingPragma =
  /^\s*pragma\s+(?:(?:table_x?info|index_x?info|index_list|foreign_key_list|foreign_key_check|integrity_check|quick_check)\b[^=]*|table_list)\s*;?\s*$/i;

const readers = new Set(['select', 'values', 'explain']);
const writers = new Set(['insert', 'update', 'delete', 'replace', 'create', 'drop', 'alter', 'reindex']);

/** Reads one statement's text. Cheap enough to run once per new text; the driver remembers the answer. */
export function statementKind(sql: string): StatementKind {
  const bare = sql.replace(quoted, "''");
  const word = /^[\s(]*([a-z]+)/i.exec(bare)?.[1]?.toLowerCase() ?? '';
  const trigger = /^\s*create\s+(?:temp\w*\s+)?trigger\b/i.test(bare);
  if (!trigger && /;\s*\S/.test(bare)) return refused('holds more than one statement');
  if (readers.has(word)) return { kind: 'read' };
  if (word === 'pragma') return tellingPragma.test(bare) ? { kind: 'read' } : refused('is a pragma that may change something');
  if (word === 'with') return /\b(?:insert|update|delete|replace)\b/i.test(bare) ? write(bare) : { kind: 'read' };
  if (writers.has(word)) return write(bare);
  return refused(`begins with "${word}"; transactions go through db.transaction()`);
}

function write(bare: string): StatementKind {
  const found = notDeterministic.exec(bare) ?? halfDone.exec(bare);
  if (found === null) return { kind: 'write' };
  return refused(`uses "${found[0].trim()}", which replaying the journal would not repeat; pass times and ids as parameters`);
}

const refused = (why: string): StatementKind => ({ kind: 'refused', why });

/** True where SQLite counts changed rows; after other statements it still tells the count of the one before. */
export const countsRows = (sql: string): boolean => /^\s*(?:insert|update|delete|replace|with)\b/i.test(sql);
