// Names that stand in topics: one level, no wildcard, short.
import * as z from 'zod/mini';

/**
 * A router, node or WAN name as one MQTT topic level: letters, digits, `_`, `-` and `.`, a letter or digit first; 1 to 64 characters.
 * Names end up in file names and as keys too, hence no `..` and no `__proto__`.
 */
export const topicName = z
  .string()
  .check(
    z.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'must be 1 to 64 of letters, digits, "_", "-", ".", a letter or digit first'),
  );

/** What a program draws anew at each start, so that a reader sees a restart even where the clock is wrong. */
export const bootId = z.string().check(z.minLength(1), z.maxLength(64));
