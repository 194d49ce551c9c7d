// Where log lines go: standard output and, when asked for, a file that rotates. Level per part, secrets masked, never blocking, never throwing.
import type { Writable } from 'node:stream';
import type { Log, LogFields, LogLevel } from '../log.ts';
import { jsonLine, prettyLine } from './log-lines.ts';
import { createMask } from './mask.ts';
import { openRotatingFile, type RotatingFileOptions } from './rotating-file.ts';

export type LogOptions = {
  readonly level: LogLevel;
  /** Levels of single parts (`part` in the fields); they go before `level`. */
  readonly parts?: Readonly<Record<string, LogLevel>>;
  /** `auto`: pretty where `out` is a terminal. */
  readonly format: 'auto' | 'json' | 'pretty';
  /** IANA zone of pretty lines; UTC without it. JSON lines are always UTC. */
  readonly timeZone?: string;
  readonly file?: Omit<RotatingFileOptions, 'now' | 'onTrouble'> | null;
  /** Values that must never appear. */
  readonly secrets?: readonly string[];
  readonly out: Writable;
  /** UTC ms. */
  readonly now: () => number;
};

export type LogOutput = AsyncDisposable & {
  readonly log: Log;
  /** For secrets that come up later: a generated password, a session key of a neighbour. */
  addSecret(secret: string): void;
};

const ORDER: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
/** What a stalled reader of standard output may make us keep. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** Remembered secrets; the oldest of those added later go first. */
const MAX_SECRETS = 1_000;

/** @throws ControllerError config_invalid where the log file cannot be written. */
export function createLog(options: LogOptions): LogOutput {
  const out = openOutput(options.out, options.now);
  const toFile = options.file
    ? openRotatingFile({
        ...options.file,
        now: options.now,
        onTrouble: (problem) =>
          write(
            problem === null ? 'info' : 'error',
            { part: 'logging', problem },
            problem === null ? 'log file is written again' : 'log file cannot be written',
          ),
      })
    : null;
  const pretty =
    options.format === 'pretty' || (options.format === 'auto' && 'isTTY' in options.out && options.out.isTTY === true);
  const secrets = [...(options.secrets ?? [])];
  let mask = createMask(secrets);

  function write(level: LogLevel, fields: LogFields, text: string): void {
    const { part } = fields;
    const least = (typeof part === 'string' ? options.parts?.[part] : undefined) ?? options.level;
    if (ORDER[level] < ORDER[least]) return;
    const record = { at: options.now(), level, text, fields };
    const json = !pretty || toFile !== null ? jsonLine(record, mask) : '';
    out.write(pretty ? prettyLine(record, mask, options.timeZone) : json);
    toFile?.write(json);
  }

  return {
    log: logOf(write, {}),
    addSecret(secret) {
      if (secrets.includes(secret)) return;
      secrets.push(secret);
      if (secrets.length > MAX_SECRETS) secrets.splice(options.secrets?.length ?? 0, 1);
      mask = createMask(secrets);
    },
    async [Symbol.asyncDispose]() {
      await toFile?.[Symbol.asyncDispose]();
      await out.flushed();
    },
  };
}

type Write = (level: LogLevel, fields: LogFields, text: string) => void;

const logOf = (write: Write, own: LogFields): Log => ({
  debug: (fields, text) => write('debug', { ...own, ...fields }, text),
  info: (fields, text) => write('info', { ...own, ...fields }, text),
  warn: (fields, text) => write('warn', { ...own, ...fields }, text),
  error: (fields, text) => write('error', { ...own, ...fields }, text),
  child: (fields) => logOf(write, { ...own, ...fields }),
});

/** A stream that may stall or vanish: what does not fit is counted, and a reader that went away ends our writing, not the program. */
function openOutput(stream: Writable, now: () => number) {
  let gone = false;
  let dropped = 0;
  stream.on('error', () => {
    gone = true;
  });
  return {
    write(line: string): void {
      if (gone) return;
      if (stream.writableLength > MAX_WAITING_BYTES) {
        dropped += 1;
        return;
      }
      if (dropped > 0)
        stream.write(
          `${JSON.stringify({ time: new Date(now()).toISOString(), level: 'warn', text: 'log lines lost', dropped })}\n`,
        );
      dropped = 0;
      stream.write(line);
    },
    /** Resolves when all is handed over, or after half a second of a stalled reader. */
    async flushed(): Promise<void> {
      if (gone || stream.writableLength === 0) return;
      await new Promise<void>((resolve) => {
        const limit = setTimeout(resolve, 500);
        stream.write('', () => {
          clearTimeout(limit);
          resolve();
        });
      });
    },
  };
}
