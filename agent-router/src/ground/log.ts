// One line per event: JSON for a service manager, plain text for a terminal. Known secrets are masked as a second net.
import { systemClock } from './clock.ts';

export type LogFields = Readonly<Record<string, unknown>>;
const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LEVELS)[number];
export type Log = Readonly<Record<LogLevel, (fields: LogFields, text: string) => void>>;

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

type LogOptions = {
  readonly write: (line: string) => void;
  readonly now: () => number;
  readonly level: LogLevel;
  readonly pretty: boolean;
  /** Passwords and the like; one shorter than four characters would mask half the log and is left alone. */
  readonly secrets: readonly string[];
};

/** The program's own, on stderr: for a person where one looks on. */
export const stderrLog = (level: LogLevel, secrets: readonly string[]): Log =>
  createLog({
    write: (line) => void process.stderr.write(`${line}\n`),
    now: systemClock.now,
    level,
    pretty: process.stderr.isTTY,
    secrets,
  });

/** Writes lines of at most 4,000 characters, so that a hostile answer cannot fill a small disk. */
export function createLog({ write, now, level, pretty, secrets }: LogOptions): Log {
  const least = LEVELS.indexOf(level);
  const masked = secrets.filter((secret) => secret.length >= 4);
  const line = (name: LogLevel, fields: LogFields, text: string): void => {
    if (LEVELS.indexOf(name) < least) return;
    const at = new Date(now()).toISOString();
    let out = pretty ? `${at} ${name} ${text}${rest(fields)}` : JSON.stringify({ at, level: name, text, ...fields });
    for (const secret of masked) out = out.replaceAll(secret, '***').replaceAll(JSON.stringify(secret).slice(1, -1), '***');
    write(out.length > 4000 ? `${out.slice(0, 4000)} ...` : out);
  };
  return {
    debug: (fields, text) => line('debug', fields, text),
    info: (fields, text) => line('info', fields, text),
    warn: (fields, text) => line('warn', fields, text),
    error: (fields, text) => line('error', fields, text),
  };
}

function rest(fields: LogFields): string {
  const pairs = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return pairs.length === 0 ? '' : ` (${pairs.join(', ')})`;
}
