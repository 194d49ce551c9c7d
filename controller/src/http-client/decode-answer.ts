// A neighbour's JSON answer made into a checked value: parse at the door. Pure.
import { type ZodType, z } from 'zod';
import { ControllerError } from '../errors.ts';
import { parseJson } from './parse-json.ts';

/** `where` names the request for a person: "qbit app/preferences". @throws ControllerError upstream_failed, naming the field. */
export const decodeJson = <T>(schema: ZodType<T>, text: string, where: string): T => {
  const value = parseJson(text);
  if (value === undefined) throw new ControllerError('upstream_failed', `${where} did not answer with JSON`);
  return decodeValue(schema, value, where);
};

/** The same for what is a value already: the result inside a JSON-RPC answer. */
export const decodeValue = <T>(schema: ZodType<T>, value: unknown, where: string): T => {
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new ControllerError('upstream_failed', `${where}: ${z.prettifyError(parsed.error)}`, { cause: parsed.error });
  return parsed.data;
};
