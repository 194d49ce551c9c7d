// Pure: one log record as a line, for machines (JSON) or for a person at a terminal.
import type { LogFields, LogLevel } from '../log.ts';
import { type Plain, plainValue } from './plain-value.ts';

export type LogRecord = {
  /** UTC ms. */
  readonly at: number;
  readonly level: LogLevel;
  readonly text: string;
  readonly fields: LogFields;
};

/** Longer lines are cut down to their fixed part: a line must stay one line for whoever reads it. */
const MAX_LINE = 32_000;
const COLOURS: Readonly<Record<LogLevel, string>> = { debug: '\u001b[2m', info: '', warn: '\u001b[33m', error: '\u001b[31m' };
const CONTROL = /\p{Cc}+/gu;

type Mask = (text: string) => string;

/** `{"time":"…","level":"info","part":"jellyfin","text":"…",…}` and a line end. Fields cannot replace time, level and text. */
export function jsonLine({ at, level, text, fields }: LogRecord, mask: Mask): string {
  const { part, ...rest } = plainFields(fields, mask);
  const head = { time: new Date(at).toISOString(), level, ...(part === undefined ? {} : { part }), text: mask(text) };
  const line = JSON.stringify({ ...head, ...rest, ...head });
  return `${line.length <= MAX_LINE ? line : JSON.stringify({ ...head, cut: line.length })}\n`;
}

/** `12:34:56 warn  jellyfin  text  key=value`, by the home's clock, coloured by level. */
export function prettyLine({ at, level, text, fields }: LogRecord, mask: Mask, timeZone = 'UTC'): string {
  const { part, ...rest } = plainFields(fields, mask);
  const tail = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? quoted(value) : JSON.stringify(value)}`,
  );
  const time = new Date(at).toLocaleTimeString('en-GB', { timeZone });
  const line = [`${time} ${level.padEnd(5)}`, ...(typeof part === 'string' ? [part] : []), mask(text), ...tail].join('  ');
  // A neighbour's text must not move the cursor or forge a line.
  const clean = line.replace(CONTROL, ' ').slice(0, MAX_LINE);
  return COLOURS[level] === '' ? `${clean}\n` : `${COLOURS[level]}${clean}\u001b[0m\n`;
}

const quoted = (value: string): string => (/^[^\s"=]+$/.test(value) ? value : JSON.stringify(value));

function plainFields(fields: LogFields, mask: Mask): Readonly<Record<string, Plain>> {
  const plain = plainValue(fields, mask);
  return typeof plain === 'object' && plain !== null && !Array.isArray(plain) ? (plain as Readonly<Record<string, Plain>>) : {};
}
