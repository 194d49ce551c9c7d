// Reads exchanges that a real Jellyfin 12.0.0 had (test/jellyfin/recordings).
import { readFileSync } from 'node:fs';
import * as z from 'zod';

const exchange = z.object({
  note: z.string().optional(),
  path: z.string().optional(),
  request: z.object({ method: z.string(), path: z.string() }).optional(),
  response: z.object({ status: z.number(), body: z.unknown() }).optional(),
});

const load = (file: string): unknown => JSON.parse(readFileSync(new URL(`recordings/${file}.json`, import.meta.url), 'utf8'));

export const recorded = (file: string): unknown => load(file);

/** The body of the answer with this note. */
export const answerTo = (file: string, note: string): unknown => {
  const found = z
    .array(exchange)
    .parse(load(file))
    .find((entry) => entry.note === note);
  if (!found?.response) throw new Error(`No answer "${note}" in ${file}`);
  return found.response.body;
};
