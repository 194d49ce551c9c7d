// What a log is to the rest of the program. Where lines go, which level and what is masked: log-output.ts.

/** Values beside the fixed text. A secret never goes in here; the output masks known ones as a second net. */
export type LogFields = Readonly<Record<string, unknown>>;

/** One structured line per call: fixed text, values in fields. `child` adds fields (e.g. `part`) to each line. */
export type Log = {
  debug(fields: LogFields, text: string): void;
  info(fields: LogFields, text: string): void;
  warn(fields: LogFields, text: string): void;
  error(fields: LogFields, text: string): void;
  child(fields: LogFields): Log;
};

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** For tests and for parts that have nothing to say. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => silentLog };
