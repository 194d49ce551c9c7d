// Pure: the end of what a program says, however much it says; and a sentence out of it that has no address and no secret.

const mostLines = 6;
const mostLength = 300;

export type LastLines = {
  readonly add: (chunk: string) => void;
  readonly lines: () => readonly string[];
};

/** Bounded: a line without an end is cut. ffmpeg's own progress ends in `\r`. */
export function keepLastLines(): LastLines {
  const kept: string[] = [];
  let rest = '';
  const keep = (line: string): void => {
    const text = line.trim();
    if (text === '') return;
    kept.push(text.slice(0, mostLength));
    if (kept.length > mostLines) kept.shift();
  };
  return {
    add: (chunk) => {
      const parts = (rest + chunk).split(/[\r\n]+/u);
      rest = (parts.pop() ?? '').slice(0, mostLength);
      for (const line of parts) keep(line);
    },
    lines: () => [...kept, ...(rest.trim() === '' ? [] : [rest.trim()])],
  };
}

/** Queries, names and passwords of URLs, and values after names of secrets. */
export const withoutSecrets = (text: string): string =>
  text
    .replace(/(\w+:\/\/)[^/\s'"]*@/gu, '$1')
    .replace(/(\w+:\/\/[^\s'"?]*)\?[^\s'"]*/gu, '$1?…')
    .replace(/((?:api[_-]?key|token|password|secret)["']?\s*[=:]\s*)[^\s&'"]+/giu, '$1…');

/** What ffmpeg prefixes lines with: `[matroska,webm @ 0x55d4]`. */
const origin = /^\[[^\]]+ @ 0x[0-9a-f]+\]\s*/u;

/** The last thing said, which is the outermost failure, and the one before it, which often is the cause. */
export const inOneSentence = (lines: readonly string[]): string =>
  withoutSecrets(
    lines
      .slice(-2)
      .map((line) => line.replace(origin, '').replace(/[.:\s]+$/u, ''))
      .join('; '),
  );
