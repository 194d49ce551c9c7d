// The section notifications as people write it, and what is said where it is wrong.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfig } from '../../src/config/load-config.ts';
import { messageOf } from '../../src/errors.ts';

const load = async (t: Test, yaml: string, env: Record<string, string> = {}) => {
  const path = join(t.testdir(), 'controller.yaml');
  await writeFile(path, yaml, { mode: 0o600 });
  return await loadConfig({ path, env, algorithms: ['demand'] });
};
const problems = async (t: Test, sink: string): Promise<readonly string[]> =>
  await load(t, `notifications:\n  sinks:\n    - { name: a, ${sink} }\n`).then(
    () => [],
    (error: unknown) =>
      messageOf(error)
        .split('\n')
        .map((line) => line.replace(/^.*controller\.yaml:\d+:\d+: notifications\.sinks\[0\]\.?/, '')),
  );

t.test('without it nobody but MQTT is told', async (t) => {
  t.same((await load(t, 'home: { name: Home }')).notifications, {
    repeatAfterMs: 900_000,
    highDemand: { afterMs: 30_000, overAfterMs: 300_000 },
    sinks: [],
  });
});

t.test('a webhook and an ntfy, with their defaults; addresses and keys are closed in', async (t) => {
  const { notifications, source } = await load(
    t,
    `
notifications:
  repeat_after: 30m
  sinks:
    - name: hook
      type: webhook
      url: \${HOOK}
      quiet_hours: [{ from: "22:00", to: "06:30" }, { days: [sat, sun], from: "06:30", to: "09:00" }]
      after_quiet_hours: hold
      events: [high_demand_began, cap_ignored]
    - { name: phone, type: ntfy, url: "https://ntfy.example/base", topic: home-alarms, token: tk_abcdef, severity: warning }
`,
    { HOOK: 'https://hooks.example/services/T0/SECRET?x=1' },
  );
  t.equal(notifications.repeatAfterMs, 1_800_000);
  const [hook, phone] = notifications.sinks;
  t.match(hook, {
    quietHours: [
      { weekdays: [], fromMinute: 1_320, toMinute: 390 },
      { weekdays: [5, 6], fromMinute: 390, toMinute: 540 },
    ],
    ...{ events: ['high_demand_began', 'cap_ignored'], least: 'info', afterQuiet: 'hold', mostPerMinute: 10, keepMs: 3_600_000 },
  });
  t.match(phone, {
    topic: 'home-alarms',
    least: 'warning',
    events: null,
    afterQuiet: 'summary',
    priorities: { info: 3, warning: 4, error: 5 },
  });
  t.equal(hook?.url?.reveal(), 'https://hooks.example/services/T0/SECRET?x=1');
  t.notMatch(JSON.stringify(notifications), /SECRET|tk_abcdef|ntfy\.example/);
  t.ok(
    source.secrets.some((secret) => secret.reveal().includes('SECRET')),
    'the log masks it',
  );
});

t.test('each mistake is told with its key, and without the address', async (t) => {
  for (const [sink, sentence] of [
    ['type: webhook', 'url: is missing'],
    ['type: mail, url: "http://x"', 'type: must be webhook or ntfy'],
    ['type: webhook, url: "ftp://x/k3y"', 'url: must be a URL that begins with http:// or https://'],
    ['type: webhook, url: "k3y"', 'url: must be a URL that begins with http:// or https://'],
    ['type: webhook, url: "http://u:k3y@x"', 'url: must not contain a user name or password; they have keys of their own'],
    ['type: webhook, url: "http://x/#k3y"', 'url: must not contain "#"'],
    [
      'type: ntfy, topic: a, url: "http://x/?auth=k3y"',
      'url: must not contain "?": it is the address of the server, without the topic',
    ],
    ['type: ntfy, url: "http://x"', 'topic: is missing'],
    ['type: ntfy, url: "http://x", topic: "a b"', 'topic: must be 1 to 64 letters, digits, "_" and "-"'],
    ['type: ntfy, url: "http://x", topic: a, username: u', 'password_file: is missing: a log-in needs username and password'],
    ['type: ntfy, url: "http://x", topic: a, password: k3y', 'username: is missing: a log-in needs username and password'],
    [
      'type: ntfy, url: "http://x", topic: a, token: k3y, username: u, password: p',
      'token: give either a token or a user name and password, not both',
    ],
    ['type: ntfy, url: "http://x", topic: a, username: "u:v", password: p', 'username: must not contain ":"'],
    ['type: ntfy, url: "http://x", topic: a, secret: k3y', 'secret: is only for type: webhook'],
    ['type: ntfy, url: "http://x", topic: a, priority: { error: 6 }', 'priority.error: must be a whole number from 1 to 5'],
    ['type: webhook, url: "http://x", topic: a', 'topic: is only for type: ntfy'],
    ['type: webhook, url: "http://x", header_name: X-Key', 'header_value_file: is missing: a header needs its value'],
    [
      'type: webhook, url: "http://x", header_name: "X Key", header_value: k3y',
      'header_name: must be the name of an HTTP header',
    ],
    ['type: webhook, url: "http://x", header_name: Host, header_value: k3y', 'header_name: Host is what Headgate itself sends'],
    [
      'type: webhook, url: "http://x", header_value: "k3y\\n"',
      'header_value: has a character that no HTTP header can carry: is there a line end or a letter too many?',
    ],
    ['type: webhook, url: "http://x", events: []', 'events: must name at least one; leave it out for what is usual'],
    ['type: webhook, url: "http://x", severity: bad', 'severity: must be info, warning or error'],
    [
      'type: webhook, url: "http://x", quiet_hours: [{ from: "22:00", to: "22:00" }]',
      'quiet_hours[0].to: must not be the same as from',
    ],
    [
      'type: webhook, url: "http://x", quiet_hours: [{ from: "25:00", to: "22:00" }]',
      'quiet_hours[0].from: must be a time of day such as "18:00", at most "24:00"',
    ],
    ['type: webhook, url: "http://x", after_quiet_hours: no', 'after_quiet_hours: must be summary, hold or drop'],
    ['type: webhook, url: "http://x", most_per_minute: 0', 'most_per_minute: must be a whole number from 1 to 600'],
    ['type: webhook, url: "http://x", keep_for: 10s', 'keep_for: must be from 60s to 86400s'],
    ['type: webhook, url: "http://x", urls: b', 'urls: is not a key'],
  ] as const) {
    const [first = '', ...rest] = await problems(t, sink);
    t.match(first, sentence.startsWith('urls') ? /^urls: / : sentence, sink);
    t.same(rest, [], sink);
    t.notMatch(first, /k3y/, sink);
  }
});

t.test('two sinks may share an address, but not a name', async (t) => {
  const two = (second: string) =>
    load(
      t,
      `notifications: { sinks: [{ name: a, type: webhook, url: "http://x" }, { name: ${second}, type: webhook, url: "http://x" }] }`,
    );
  t.equal((await two('b')).notifications.sinks.length, 2);
  await t.rejects(two('a'), { message: /sinks\[1\]\.name: the name "a" is taken by an earlier entry/ });
});
