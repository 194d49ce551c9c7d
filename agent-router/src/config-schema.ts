// What the agent's YAML and environment may say. Unknown keys are errors: a misspelt key must not pass for a default.
import { topicName } from '@headgate/protocol';
import * as z from 'zod/mini';
import { brokerSection, logSection, pin, port, sectionKeys, text, url } from './ground/config-sections.ts';
import type { EnvironmentKeys } from './ground/read-config.ts';

const host = z.string().check(z.regex(/^[A-Za-z0-9_.:%-]{1,253}$/, 'must be a host name or an address, without scheme or port'));
const fingerprint = z
  .string()
  .check(z.regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'must be a fingerprint as ssh-keygen -l prints it: SHA256: and 43 characters'));

const duration = (leastMs: number, mostMs: number) =>
  z.pipe(
    z.pipe(
      z.string().check(z.regex(/^\d{1,6}(ms|s|m)$/, 'must be a duration such as 500ms, 5s or 1m')),
      z.transform(
        (value: string) => Number.parseInt(value, 10) * (value.endsWith('ms') ? 1 : value.endsWith('m') ? 60_000 : 1000),
      ),
    ),
    z.number().check(z.gte(leastMs, `must be at least ${leastMs} ms`), z.lte(mostMs, `must be at most ${mostMs} ms`)),
  );

const local = z.strictObject({ type: z.literal('local') });
const ssh = z.strictObject({
  type: z.literal('ssh'),
  host,
  port: z._default(port, 22),
  username: z._default(text, 'root'),
  password: z.optional(text),
  private_key: z.optional(z.string()),
  passphrase: z.optional(text),
  /** Empty: nothing is trusted, and --test prints what to write here. */
  host_key: z._default(z.union([fingerprint, z.array(fingerprint)]), []),
});
const ubus = z.strictObject({
  type: z.literal('ubus'),
  url: url(['http:', 'https:']),
  username: text,
  password: z.optional(text),
  ca: z.optional(z.string()),
  pin: z.optional(pin),
});

const configSchema = z.strictObject({
  /** This router's level in every topic. */
  name: z._default(topicName, 'router'),
  router: z.discriminatedUnion('type', [local, ssh, ubus]),
  mqtt: brokerSection,
  sampling: z._default(
    z.strictObject({
      throughput: z._default(duration(500, 60_000), 1_000),
      link: z._default(duration(1_000, 60_000), 3_000),
      sqm: z._default(duration(2_000, 60_000), 5_000),
    }),
    { throughput: 1_000, link: 3_000, sqm: 5_000 },
  ),
  shaper: z._default(
    z.strictObject({
      /** Obey shaper orders. Off: they are refused, and nothing is ever written to the router. */
      enabled: z._default(z.boolean(), false),
      state_file: z._default(text, '/var/lib/headgate-agent-router/shaper.json'),
    }),
    { enabled: false, state_file: '/var/lib/headgate-agent-router/shaper.json' },
  ),
  logging: logSection,
});

export type Config = z.infer<typeof configSchema>;
export type RouterConfig = Config['router'];

const environmentKeys: EnvironmentKeys = {
  ...sectionKeys,
  name: 'text',
  'router.type': 'text',
  'router.host': 'text',
  'router.port': 'number',
  'router.url': 'text',
  'router.username': 'text',
  'router.password': 'text',
  'router.password_file': 'text',
  'router.private_key_file': 'text',
  'router.passphrase_file': 'text',
  'router.host_key': 'text',
  'router.ca_file': 'text',
  'router.pin': 'text',
  'sampling.throughput': 'text',
  'sampling.link': 'text',
  'sampling.sqm': 'text',
  'shaper.enabled': 'boolean',
  'shaper.state_file': 'text',
};

export const configForm = {
  schema: configSchema,
  prefix: 'HEADGATE_ROUTER_',
  environmentKeys,
  fileKeys: ['password', 'private_key', 'passphrase', 'ca'],
};
