// Pure: what the configurations of all agents have alike: the broker, the log, and the words that other keys are made of.
import * as z from 'zod/mini';
import type { EnvironmentKeys } from './read-config.ts';

export const text = z.string().check(z.minLength(1), z.maxLength(4096));
export const port = z.int().check(z.gte(1), z.lte(65_535));
/** Of a certificate that nothing else vouches for. */
export const pin = z
  .string()
  .check(z.regex(/^(sha256[:/])?([0-9a-fA-F]{2}:?){32}$/, 'must be the SHA-256 of a certificate in hex'));

export const url = (protocols: readonly string[]) =>
  z.string().check(
    z.refine(
      (value) => {
        if (!URL.canParse(value)) return false;
        const { protocol, hostname, username, password } = new URL(value);
        // A password in a URL ends up in logs; it has a key of its own.
        return protocols.includes(protocol) && hostname !== '' && username === '' && password === '';
      },
      `must be a URL with ${protocols.join(' or ')} and a host, without a name or password in it`,
    ),
  );

export const brokerSection = z.strictObject({
  url: url(['mqtt:', 'mqtts:']),
  username: z.optional(text),
  password: z.optional(text),
  client_id: z.optional(z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, "_" or "-"'))),
  base_topic: z._default(
    z.string().check(z.regex(/^[^+#\s/]+(\/[^+#\s/]+)*$/, 'must be topic levels without wildcards')),
    'headgate',
  ),
  ca: z.optional(z.string()),
  pin: z.optional(pin),
});
export type BrokerSettings = z.infer<typeof brokerSection>;

export const logSection = z._default(z.strictObject({ level: z._default(z.enum(['debug', 'info', 'warn', 'error']), 'info') }), {
  level: 'info',
});

/** Of `mqtt` and `logging`. */
export const sectionKeys: EnvironmentKeys = {
  'mqtt.url': 'text',
  'mqtt.username': 'text',
  'mqtt.password': 'text',
  'mqtt.password_file': 'text',
  'mqtt.client_id': 'text',
  'mqtt.base_topic': 'text',
  'mqtt.ca_file': 'text',
  'mqtt.pin': 'text',
  'logging.level': 'text',
};
