// Names that stand in topics: one level, no wildcard, short.
import * as z from 'zod/mini';

/** A router, node or WAN name as one MQTT topic level: letters, digits, `_`, `-` and `.`; 1 to 64 characters. */
export const topicName = z.string().check(z.regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must be 1 to 64 of letters, digits, "_", "-", "."'));

/** What a program draws anew at each start, so that a reader sees a restart even where the clock is wrong. */
export const bootId = z.string().check(z.minLength(1), z.maxLength(64));
