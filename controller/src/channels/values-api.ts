// Values that several bodies of the REST API have, and its paths. Pure.
import { z } from 'zod';

export const moment = z.iso.datetime({ offset: true, error: 'must be ISO 8601 with an offset, like 2026-12-24T20:15:00+01:00' });

/** JellyStream's clients write UTC without saying so. */
export const utcMoment = z.iso
  .datetime({
    offset: true,
    local: true,
    error: 'must be ISO 8601, like 2026-12-24T20:15:00+01:00; without an offset it is UTC',
  })
  .transform((text) => (/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`));

/** JellyStream's clients send null for what they leave out. */
export const orAbsent = <S extends z.ZodType>(schema: S) =>
  schema
    .nullish()
    .transform((value) => value ?? undefined)
    .optional();

/** One line without NUL and the like, which PostgreSQL cannot keep and no guide can show. */
export const oneLine = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .regex(/^\P{Cc}*$/u, 'must have no control characters');

/** Jellyfin takes 0 for none, and 07 for another than 7. */
export const channelNumber = z
  .string()
  .regex(/^(?:[1-9]\d{0,4}(?:\.\d{1,4})?|0\.\d{0,3}[1-9]\d{0,3})$/, 'must be a number like 100 or 100.1')
  .max(10);

export const language = z
  .string()
  .regex(/^[a-z]{3}$/, 'must be three lower-case letters (ISO 639-2), e.g. eng')
  .nullable();
export const wallTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day like 20:15');
export const day = z
  .string()
  .regex(/^(\d{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'must be a day like 12-24 (each year) or 2026-12-24 (once)');

/** Of a channel, in a path. */
export const idParams = z.strictObject({ id: z.coerce.number().int().min(1).max(2_147_483_647) });
