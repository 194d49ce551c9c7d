// Pure: sizes, names and habits of a file (house rule 1, and what the style list forbids). Function length is Biome's.
import type { Source } from './read-source.ts';

const MAX_LINES = 250;
const VAGUE = /(^|[-./])(utils?|helpers?|common|misc|managers?|base)(?=[-./]|$)/i;

const isTest = (path: string): boolean => /(^|\/)test\//.test(path);
/** What runs in a home, as against tools and tests. */
const runs = (path: string): boolean => /^[^/]+\/(src|web)\//.test(path);

/** All faults of one file, as `path:line: what`. */
export function shapeFaults(source: Source): readonly string[] {
  const { path, firstLine, lineCount } = source;
  const faults = [...nameFaults(path)];
  const say = (line: number, what: string) => faults.push(`${path}:${line}: ${what}`);
  if (!/^\/\/ \S/.test(firstLine)) say(1, 'the first line is to say what the file is for: // ...');
  if (lineCount > MAX_LINES && !isTest(path)) say(MAX_LINES + 1, `${lineCount} lines; at most ${MAX_LINES}`);
  for (const { line, what } of source.longParameterLists) say(line, `${what}; at most 4`);
  if (!isTest(path))
    for (const { line, what } of source.moduleState)
      say(line, `${what}: state belongs to what openX() and createX() answer with`);
  if (runs(path) && !path.endsWith('/main.ts'))
    for (const { line, what } of source.processUses) say(line, `${what} is for main.ts`);
  return faults;
}

/** A name that would fit any file says nothing. Also for files that are no code. */
export function nameFaults(path: string): readonly string[] {
  const vague = VAGUE.exec(path)?.[2];
  return vague === undefined ? [] : [`${path}:1: "${vague}" in a name: say what the thing does`];
}
