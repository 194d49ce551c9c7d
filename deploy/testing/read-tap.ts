// Pure: tap's stream, line by line, to one result per test file.

/** What one test file said. Counted are its own tests (sentences), not the assertions in them. */
export type FileResult = {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly ms: number;
  /** What failed and why, as tap printed it; empty when all is well. */
  readonly failures: readonly string[];
};

export type TapReader = {
  /** Takes one line; answers with a result when it closes a file. */
  line(text: string): FileResult | null;
};

const FILE = /^(not )?ok \d+ - (.+?)(?: # (.*))?$/;
const TEST = /^ {4}(not )?ok \d+\b(.*)$/;

/** Reads the output of `tap --reporter=tap`: a file's tests stand four spaces in, and its own line closes it. */
export function createTapReader(): TapReader {
  let seen: string[] = [];
  return {
    line(text) {
      const end = FILE.exec(text);
      if (end === null) {
        seen.push(text);
        return null;
      }
      const lines = seen;
      seen = [];
      return fileResult(lines, end);
    },
  };
}

function fileResult(lines: readonly string[], [, not, name = '', note = '']: RegExpExecArray): FileResult {
  const tests = lines.map((line) => TEST.exec(line)).filter((found) => found !== null);
  const skipped = tests.filter((found) => /# (skip|todo)\b/i.test(found[2] ?? '')).length;
  const failed = tests.filter((found) => found[1] !== undefined && !/# (skip|todo)\b/i.test(found[2] ?? '')).length;
  // A file may fail with all of its tests passed: it crashed, hung, or had none.
  const broken = not !== undefined && failed === 0;
  return {
    file: name,
    passed: tests.length - failed - skipped,
    failed: failed + (broken ? 1 : 0),
    skipped,
    ms: Number(/time=([\d.]+)ms/.exec(note)?.[1] ?? 0),
    failures: not === undefined ? [] : failuresOf(lines),
  };
}

/** The failed assertions with their diagnostics; where there is none, the last things that the file said. */
function failuresOf(lines: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (const [i, line] of lines.entries()) {
    if (!/^\s+not ok\b/.test(line) || isSummary(lines, i)) continue;
    found.push([...titles(lines, i), line.trim()].join(' > '), ...diagnostics(lines, i + 1));
  }
  return found.length > 0 ? found : lines.slice(-20);
}

/** A test whose inner assertions failed is told by those; its own line comes right after their plan. */
function isSummary(lines: readonly string[], at: number): boolean {
  const before = lines.slice(0, at).findLast((line) => line.trim() !== '' && !line.trim().startsWith('# '));
  return before !== undefined && /^\s+1\.\.\d+/.test(before) && indent(before) > indent(lines[at] ?? '');
}

/** The sentences of the tests around a line: each "# Subtest" before it that stands further out than the one after. */
function titles(lines: readonly string[], at: number): readonly string[] {
  const found: string[] = [];
  let depth = indent(lines[at] ?? '');
  for (const line of lines.slice(0, at).toReversed()) {
    const title = /^\s*# Subtest: (.*)$/.exec(line)?.[1];
    if (title === undefined || indent(line) >= depth) continue;
    depth = indent(line);
    found.unshift(title);
  }
  // The outermost is the file itself.
  return ['', ...found.slice(1)];
}

const indent = (line: string): number => line.length - line.trimStart().length;

function diagnostics(lines: readonly string[], from: number): readonly string[] {
  if (lines[from]?.trim() !== '---') return [];
  const end = lines.indexOf(`${' '.repeat(indent(lines[from]))}...`, from);
  const block = lines.slice(from + 1, end === -1 ? from + 40 : Math.min(end, from + 60));
  // `at` says again what `stack` says.
  const place = block.findIndex((line) => line.trim() === 'at:');
  const deeper = block.slice(place + 1).findIndex((line) => indent(line) <= indent(block[place] ?? ''));
  return place === -1 || deeper === -1 ? block : [...block.slice(0, place), ...block.slice(place + 1 + deeper)];
}
