// What every section of the configuration schema needs: files that hold secrets, secrets given in place, checks over several keys.
import { z } from 'zod';
import { type Secret, secretOf } from './secret.ts';
import { text } from './values.ts';

/** What the schema is told from outside. */
export type SchemaDeps = {
  /** Names of the registered allocation algorithms. */
  readonly algorithms: readonly string[];
  /** Reads a file named in the configuration: its text, or a sentence that says why not (never with the content). `secret` strips the last line end. */
  readonly readFile: (path: string, kind: 'secret' | 'text') => Promise<{ readonly ok: string } | { readonly problem: string }>;
  /** Makes a path absolute: relative ones start at the configuration file's folder. */
  readonly absolute: (path: string) => string;
};

/** A secret written in place, best as `${VARIABLE}`. */
export const secret = () => text(4_096).transform(secretOf).meta({ kind: 'secret' }).optional();

/** A file that holds nothing but the secret. */
export const secretFile = (deps: SchemaDeps) => fileContent(deps, 'secret', (content): Secret => secretOf(content));

/** A file whose text is taken in, e.g. certificates in PEM form. */
export const pemFile = (deps: SchemaDeps) => fileContent(deps, 'text', (content) => content);

function fileContent<Out>(deps: SchemaDeps, kind: 'secret' | 'text', turn: (content: string) => Out) {
  return text(4_096)
    .transform(async (path, context): Promise<Out> => {
      const result = await deps.readFile(deps.absolute(path), kind);
      const problem =
        'problem' in result
          ? result.problem
          : kind === 'text' && !result.ok.includes('-----BEGIN ')
            ? 'is not a PEM file (no "-----BEGIN" line)'
            : undefined;
      if ('ok' in result && problem === undefined) return turn(result.ok);
      context.issues.push({ code: 'custom', message: problem ?? 'cannot be read', input: path });
      return z.NEVER;
    })
    .meta({ kind: 'path' })
    .optional();
}

/** A path of a file or folder that Headgate itself writes. */
export const path = (deps: SchemaDeps) =>
  text(4_096)
    .transform((value) => deps.absolute(value))
    .meta({ kind: 'path' });

/** Says what is wrong with a key of the section that is checked. */
export type Tell = (key: string | readonly (string | number)[], sentence: string) => void;
type Loose = Readonly<Record<string, unknown>>;

/**
 * A check over several keys. It runs even where single keys are wrong, so that all problems are told at once:
 * each value may be missing or still as it was written, and the check must look at its type first.
 */
export const across = <T>(check: (value: Loose, tell: Tell) => void) =>
  z.superRefine<T>(
    (value, context) => {
      if (typeof value !== 'object' || value === null) return;
      check(value as Loose, (key, message) =>
        context.addIssue({ code: 'custom', path: typeof key === 'string' ? [key] : [...key], message }),
      );
    },
    { when: () => true },
  );

/** The secret itself and its file: at most one of both. */
export const notBoth =
  (...names: readonly string[]) =>
  (value: Loose, tell: Tell): void => {
    for (const name of names)
      if (value[name] !== undefined && value[`${name}_file`] !== undefined)
        tell(`${name}_file`, `give either ${name} or ${name}_file, not both`);
  };

/** Tells each name that stands twice in a list of sections. */
export function unique(list: unknown, tell: (index: number, sentence: string) => void): void {
  const seen = new Set<string>();
  for (const [index, one] of (Array.isArray(list) ? list : []).entries()) {
    const { name } = (one ?? {}) as Loose;
    if (typeof name !== 'string') continue;
    if (seen.has(name)) tell(index, `the name "${name}" is taken by an earlier entry`);
    seen.add(name);
  }
}
