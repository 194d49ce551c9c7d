// The section notifications: who outside of the broker is told what happened, of what, and when not.
import { z } from 'zod';
import { named, refuseUseless, tlsKeys, tlsOf, type Useless } from './schema-neighbours.ts';
import { time, WEEKDAYS } from './schema-schedule.ts';
import { across, notBoth, type SchemaDeps, secret, secretFile, type Tell } from './schema-tools.ts';
import { isSecret } from './secret.ts';
import { duration, plainName, text, whole } from './values.ts';

const HOUR_MS = 3_600_000;
const MOST_SINKS = 20;

const WEBHOOK_ONLY = 'is only for type: webhook';
const NTFY_ONLY = 'is only for type: ntfy';
const USELESS: Useless = {
  ntfy: { secret: WEBHOOK_ONLY, header_name: WEBHOOK_ONLY, header_value: WEBHOOK_ONLY },
  webhook: { topic: NTFY_ONLY, token: NTFY_ONLY, username: NTFY_ONLY, password: NTFY_ONLY, priority: NTFY_ONLY },
};

/** What HTTP itself, or the signature, says there. */
const TAKEN = /^(content-.*|host|connection|transfer-encoding|webhook-.*)$/i;
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const HEADER_VALUE = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/;
/** ntfy: server/server.go, topicRegex. */
const TOPIC = /^[-_A-Za-z0-9]{1,64}$/;

const quietHours = () =>
  z
    .strictObject({
      days: z
        .array(z.enum(WEEKDAYS, { error: `must be ${WEEKDAYS.join(', ')}` }))
        .describe('Days on which they begin; none: every day.')
        .meta({ kind: `list of ${WEEKDAYS.join(', ')}` })
        .prefault([]),
      from: time().describe('By the clocks of the home (`home.time_zone`).'),
      to: time().describe('Before `from`: on the next day.'),
    })
    .check(
      across(({ from, to }, tell) => {
        if (from !== undefined && from === to) tell('to', 'must not be the same as from');
      }),
    )
    .transform(({ days, from, to }) => ({
      weekdays: days.map((day) => WEEKDAYS.indexOf(day)),
      fromMinute: from,
      toMinute: to,
    }));

const priority = (usual: number) => whole(1, 5).prefault(usual);

const priorities = () =>
  z.strictObject({
    info: priority(3).describe('Of what is only good to know; 1 is silent, 5 rings.'),
    warning: priority(4).describe('Of warnings.'),
    error: priority(5).describe('Of errors.'),
  });

const sinkKeys = (deps: SchemaDeps) =>
  z.strictObject({
    name: plainName().describe('What it is called here.'),
    type: z
      .enum(['webhook', 'ntfy'], { error: 'must be webhook or ntfy' })
      .describe('webhook: one JSON object by POST. ntfy: a server of ntfy.'),
    url: secret().describe('Where it is (`http://`, `https://`). Never shown: the address of a webhook often is its key.'),
    url_file: secretFile(deps).describe('File with that address.'),
    topic: z
      .string({ error: 'must be text (put it in quotes)' })
      .regex(TOPIC, 'must be 1 to 64 letters, digits, "_" and "-"')
      .describe('ntfy only: its topic. Whoever knows it may be able to read it.')
      .meta({ kind: 'name' })
      .optional(),
    token: secret().describe('ntfy only: access token; better as a file.'),
    token_file: secretFile(deps).describe('ntfy only: file with that token.'),
    username: text().describe('ntfy only: user name, where there is no token.').optional(),
    password: secret().describe('ntfy only: its password; better as a file.'),
    password_file: secretFile(deps).describe('ntfy only: file with that password.'),
    priority: priorities().describe('ntfy only: priority by severity.').optional(),
    secret: secret().describe(
      'webhook only: signs each message (HMAC-SHA256, as standardwebhooks.com has it); `whsec_…` or plain text.',
    ),
    secret_file: secretFile(deps).describe('webhook only: file with that secret.'),
    header_name: text(100).describe('webhook only: name of one more header.').meta({ fallback: 'Authorization' }).optional(),
    header_value: secret().describe('webhook only: its value; better as a file.'),
    header_value_file: secretFile(deps).describe('webhook only: file with that value.'),
    events: z
      .array(plainName())
      .min(1, 'must name at least one; leave it out for what is usual')
      .describe(
        'Types of events to be told. Without it: warnings (but for the safe plan, whose cause is told), errors, high demand, and what is back.',
      )
      .meta({ kind: 'list of types' })
      .optional(),
    severity: z
      .enum(['info', 'warning', 'error'], { error: 'must be info, warning or error' })
      .describe('This and worse.')
      .prefault('info'),
    quiet_hours: z
      .array(quietHours())
      .max(20, 'must have at most 20')
      .describe('Hours in which nothing but errors is told.')
      .meta({ kind: 'list of hours' })
      .prefault([]),
    after_quiet_hours: z
      .enum(['summary', 'hold', 'drop'], { error: 'must be summary, hold or drop' })
      .describe('What was not told: one message about all of it, each for itself, or nothing.')
      .prefault('summary'),
    most_per_minute: whole(1, 600).describe('More than this wait.').prefault(10),
    keep_for: duration(60_000, 24 * HOUR_MS)
      .describe('How long something is tried that does not arrive; also over a restart.')
      .prefault('1h'),
    ...tlsKeys(deps),
  });

const sink = (deps: SchemaDeps) =>
  sinkKeys(deps)
    .check(
      across((one, tell) => {
        refuseUseless(one, USELESS, tell);
        notBoth('url', 'token', 'password', 'secret', 'header_value')(one, tell);
        checkUrl(one, tell);
        if (one['type'] === 'ntfy') checkNtfy(one, tell);
        if (one['type'] === 'webhook') checkHeader(one, tell);
      }),
    )
    .transform((one) => ({
      name: one.name,
      type: one.type,
      // The check above refuses a sink without one; what it is then is never used.
      url: one.url ?? one.url_file ?? null,
      topic: one.topic ?? null,
      token: one.token ?? one.token_file ?? null,
      username: one.username ?? null,
      password: one.password ?? one.password_file ?? null,
      priorities: one.priority ?? { info: 3, warning: 4, error: 5 },
      secret: one.secret ?? one.secret_file ?? null,
      headerName: one.header_name ?? 'Authorization',
      headerValue: one.header_value ?? one.header_value_file ?? null,
      events: one.events ?? null,
      least: one.severity,
      quietHours: one.quiet_hours,
      afterQuiet: one.after_quiet_hours,
      mostPerMinute: one.most_per_minute,
      keepMs: one.keep_for,
      tls: tlsOf(one),
    }));

type Loose = Parameters<Parameters<typeof across>[0]>[0];

/** The key where a secret stands, and its value, where it was read. */
function given(one: Loose, key: string): { readonly key: string; readonly value: string } | null {
  const found = [key, `${key}_file`].find((name) => one[name] !== undefined);
  const value = found === undefined ? undefined : one[found];
  return found === undefined ? null : { key: found, value: isSecret(value) ? value.reveal() : '' };
}

function checkUrl(one: Loose, tell: Tell): void {
  const url = given(one, 'url');
  if (url === null) tell('url', 'is missing');
  // One that could not be read is told already.
  else if (url.value !== '') for (const sentence of urlFaults(url.value, one['type'])) tell(url.key, sentence);
}

/** Without a word of the address itself: these sentences go into logs. */
function urlFaults(url: string, type: unknown): readonly string[] {
  const parts = URL.canParse(url) ? new URL(url) : null;
  if (parts === null || !['http:', 'https:'].includes(parts.protocol))
    return ['must be a URL that begins with http:// or https://'];
  return [
    ...(parts.username === '' && parts.password === ''
      ? []
      : ['must not contain a user name or password; they have keys of their own']),
    ...(parts.hash === '' ? [] : ['must not contain "#"']),
    ...(type === 'ntfy' && parts.search !== ''
      ? ['must not contain "?": it is the address of the server, without the topic']
      : []),
  ];
}

function checkNtfy(one: Loose, tell: Tell): void {
  const [token, password] = [given(one, 'token'), given(one, 'password')];
  if (one['topic'] === undefined) tell('topic', 'is missing');
  if (token && (password || one['username'] !== undefined))
    tell(token.key, 'give either a token or a user name and password, not both');
  if (token && token.value !== '' && !HEADER_VALUE.test(token.value)) tell(token.key, NO_HEADER);
  if ((one['username'] === undefined) !== !password)
    tell(password ? 'username' : 'password_file', 'is missing: a log-in needs username and password');
  if (String(one['username'] ?? '').includes(':')) tell('username', 'must not contain ":"');
}

const NO_HEADER = 'has a character that no HTTP header can carry: is there a line end or a letter too many?';

function checkHeader(one: Loose, tell: Tell): void {
  const value = given(one, 'header_value');
  const name = one['header_name'];
  if (value !== null && value.value !== '' && !HEADER_VALUE.test(value.value)) tell(value.key, NO_HEADER);
  if (typeof name !== 'string') return;
  if (value === null) tell('header_value_file', 'is missing: a header needs its value');
  if (!HEADER_NAME.test(name)) tell('header_name', 'must be the name of an HTTP header');
  else if (TAKEN.test(name)) tell('header_name', `${name} is what Headgate itself sends`);
}

export const notificationsSection = (deps: SchemaDeps) =>
  z
    .strictObject({
      repeat_after: duration(0, 24 * HOUR_MS)
        .describe('The same thing within this time is one notification, with a count.')
        .prefault('15m'),
      high_demand_after: duration(0, HOUR_MS)
        .describe('How long remote streams must want nine tenths of what is for viewers before it is told.')
        .prefault('30s'),
      high_demand_over_after: duration(0, 24 * HOUR_MS)
        .describe('How long it must be below seven tenths before that is told; pauses and the next episode are within it.')
        .prefault('5m'),
      sinks: named(sink(deps))
        .refine((sinks) => sinks.length <= MOST_SINKS, `must have at most ${MOST_SINKS} sinks`)
        .describe('Who is told, beside MQTT, which is told everything.')
        .meta({ kind: 'list of sinks' })
        .prefault([]),
    })
    .transform((section) => ({
      repeatAfterMs: section.repeat_after,
      highDemand: { afterMs: section.high_demand_after, overAfterMs: section.high_demand_over_after },
      sinks: section.sinks,
    }))
    .prefault({});
