// Files that the configuration names: secrets and certificates. Read once at start, with a warning where everybody can read them.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { SchemaDeps } from './schema-tools.ts';

/** A secret or a certificate chain is small; anything larger is the wrong file. */
const MAX_BYTES = 64 * 1024;
const OTHERS_MAY_READ = 0o004;

export type ReferencedFiles = {
  readonly read: SchemaDeps['readFile'];
  /** Sentences, one per secret file that others on this machine can read. */
  readonly warnings: readonly string[];
  readonly secrets: ReadonlySet<string>;
};

/** The reader that the schema is given; it remembers what it warned of. */
export function createReferencedFiles(): ReferencedFiles {
  const warnings: string[] = [];
  const secrets = new Set<string>();
  return {
    warnings,
    secrets,
    async read(path, kind) {
      const file = await readSmall(path);
      if ('problem' in file) return file;
      if (kind === 'text') return { ok: file.text };
      if ((file.mode & OTHERS_MAY_READ) !== 0)
        warnings.push(`${path} holds a secret and can be read by everybody on this machine: chmod 600 ${path}`);
      const secret = file.text.replace(/\r?\n$/, '');
      if (secret === '') return { problem: `${path} is empty` };
      secrets.add(secret);
      return { ok: secret };
    },
  };
}

/** Text and mode of a small regular file, or why not. A named pipe would wait for ever, so it is opened without waiting and refused. */
export async function readSmall(
  path: string,
  maxBytes = MAX_BYTES,
): Promise<{ readonly text: string; readonly mode: number } | { readonly problem: string }> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const facts = await file.stat();
    if (!facts.isFile()) return { problem: `${path} is not a file` };
    if (facts.size > maxBytes) return { problem: `${path} is larger than ${maxBytes} bytes` };
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.readFile());
    return { text, mode: facts.mode };
  } catch (error) {
    return { problem: `${path} ${whyNot(error)}` };
  }
}

function whyNot(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'cannot be read: permission denied';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is not UTF-8 text';
  return `cannot be read (${code === '' ? 'unknown reason' : code})`;
}
