// `import` of what is really about: files of the old programs' own installers and later versions, half-filled ones, names that are no keys.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are what a configuration holds
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { importConfig } from '../../../src/config/import/import-config.ts';
import { variablesIn } from '../../../src/config/import/imported.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { messageOf } from '../../../src/errors.ts';

const algorithms = ['equal', 'priority', 'demand'];
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

type Change = readonly [string | RegExp, string];

async function imported(t: Test, from: 'plex-helper' | 'jellydemon', content: string) {
  const file = join(t.testdir(), 'old');
  writeFileSync(file, content);
  const { answer, remarks } = await importConfig({ from, file, out: undefined, algorithms });
  const path = join(t.testdir(), 'controller.yaml');
  writeFileSync(path, answer, { mode: 0o600 });
  const env = Object.fromEntries(variablesIn(answer).map((name) => [name, `value of ${name}`]));
  return { yaml: answer, remarks, config: await loadConfig({ path, env, algorithms }) };
}

const change = (name: string, changes: readonly Change[]): string =>
  changes.reduce((text, [from, to]) => text.replace(from, to), readFileSync(fixture(name), 'utf8'));
const jelly = (t: Test, ...changes: readonly Change[]) => imported(t, 'jellydemon', change('jellydemon.yml', changes));
const plex = (t: Test, more: Readonly<Record<string, unknown>>) =>
  imported(t, 'plex-helper', JSON.stringify({ ...JSON.parse(readFileSync(fixture('plexhelper.json'), 'utf8')), ...more }));

t.test("what JellyDemon's own set-up writes: the minimum stands below equal_split, and holds where no other does", async (t) => {
  const own = '  equal_split:\n    min_per_user_mbps: 1.0\n  priority_based:\n    admin_multiplier: 2.0\n';
  const { config, remarks } = await jelly(t, [/ {2}min_per_user: .*\n/, own], ['demand_based', 'equal_split']);
  t.equal(config.bandwidth.minPerViewerBps, 1_000_000);
  t.notMatch(remarks.join('\n'), 'bandwidth.equal_split');
  t.match(remarks.join('\n'), /^bandwidth\.priority_based: /m);
  const both = await jelly(t, [/( {2}min_per_user: .*\n)/, `$1${own}`], ['demand_based', 'equal_split']);
  t.equal(both.config.bandwidth.minPerViewerBps, 1_500_000, 'the plain key goes first, as it did');
  t.match(both.remarks.join('\n'), /^bandwidth\.equal_split: /m);
  const other = await jelly(t, [/ {2}min_per_user: .*\n/, own]);
  t.equal(other.config.bandwidth.minPerViewerBps, 2_000_000, 'another algorithm did not look there');
  t.match(other.remarks.join('\n'), /^bandwidth\.equal_split: /m);
  const more = await jelly(
    t,
    [/ {2}min_per_user: .*\n/, own.replace('1.0', '1.0\n    colour: blue')],
    ['demand_based', 'equal_split'],
  );
  t.match(more.remarks.join('\n'), /^bandwidth\.equal_split\.colour: /m);
});

t.test('JellyDemon filled $NAME in as well as ${NAME}', async (t) => {
  const { yaml, config } = await jelly(t, ['"a-jellyfin-key"', '$JELLY_API'], ['"jellydemon.log"', '"$HOME_OF/jd.log"']);
  t.match(yaml, 'api_key: ${JELLY_API} # as in the old file');
  t.equal(config.mediaServers[0]?.apiKey.reveal(), 'value of JELLY_API');
  t.match(config.logging.file, /value of HOME_OF\/jd\.log$/);
});

t.test('JellyDemon: no log file, a level above ERROR, two intervals, a router without its address', async (t) => {
  t.equal((await jelly(t, ['"jellydemon.log"', '""'])).config.logging.file, null);
  const { config, remarks } = await jelly(
    t,
    ['"WARNING"', 'CRITICAL'],
    ['update_interval: 30', 'update_interval: 30\n  update_interval_seconds: 15'],
    ['  host: "192.168.1.1"\n', ''],
  );
  t.equal(config.logging.level, 'error');
  t.match(remarks.join('\n'), /^daemon\.log_level: CRITICAL became error/m);
  t.match(remarks.join('\n'), /^daemon\.update_interval_seconds: /m);
  t.match(remarks.join('\n'), /^router: .*without router\.host/m);
});

t.test('a size that JellyDemon could not read gets a sentence for a person', async (t) => {
  for (const size of ['"10 MB"', '1GB'])
    t.match(await jelly(t, ['"10MB"', size]).catch(messageOf), /daemon\.log_max_size: must be a size such as "10MB", "512KB"/);
});

t.test('a later plex-helper throttled at the first play; empty keys of a bot that nobody used are no loss', async (t) => {
  const { config, remarks } = await plex(t, {
    poll_interval_sec: 60,
    ...{ telegram_bot_token: '', telegram_chat_id: null, health_port: 0 },
  });
  t.match(config.bandwidth, { throttleAfterMs: 0, restoreAfterMs: 180_000 });
  t.same(remarks.length, 1, remarks.join('\n'));
  t.match(remarks[0], /^streaming_threshold: .*throttle_after is 0s/);
  const early = await plex(t, { telegram_bot_token: 'bot-token', streaming_threshold: 3 });
  t.match(early.config.bandwidth, { throttleAfterMs: 30_000 }, 'the bot came before that');
  t.match(early.remarks.join('\n'), /^telegram_bot_token: /m);
  t.notMatch(early.yaml, 'bot-token');
});

t.test('a key may be called as anything', async (t) => {
  const { yaml, remarks } = await plex(t, { constructor: 1, toString: 'x', 'a: b\n- c': 1 });
  t.notMatch(yaml, 'native code');
  t.equal(remarks.filter((line) => /is not a key of plex-helper/.test(line)).length, 3, remarks.join('\n'));
  const old = await jelly(t, [/$/, '\nconstructor: 1\nvalueOf: { a: 1 }\n']);
  t.equal(old.remarks.filter((line) => /is not a key of JellyDemon/.test(line)).length, 2, old.remarks.join('\n'));
});

t.test('what was left out is told beside the YAML too, for whoever sends that into a file', async (t) => {
  const { yaml, remarks } = await plex(t, { health_port: 9090 });
  for (const remark of remarks) t.match(yaml, `# ${remark}`);
  t.ok(remarks.length > 0);
});
