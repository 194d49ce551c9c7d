// Raw requests with every header in our hand, and a long conversation with a qBittorrent written down so that two of them can be compared.
import { request } from 'node:http';

export type Asked = { readonly status: number; readonly body: string; readonly cookie: string | null };

export type Question = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
};

export const ask = async (baseUrl: string, path: string, question: Question = {}): Promise<Asked> => {
  const form = question.form === undefined ? null : new URLSearchParams(question.form).toString();
  const { promise, resolve, reject } = Promise.withResolvers<Asked>();
  const sent = request(
    `${baseUrl}/api/v2/${path}`,
    {
      agent: false,
      method: question.method ?? (form === null ? 'GET' : 'POST'),
      headers: { ...(form === null ? {} : { 'content-type': 'application/x-www-form-urlencoded' }), ...question.headers },
    },
    (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk) => {
        body += chunk;
      });
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, body, cookie: answer.headers['set-cookie']?.[0] ?? null }),
      );
    },
  );
  sent.on('error', reject);
  sent.end(form ?? undefined);
  return promise;
};

export const cookiePair = (answer: Asked): string => answer.cookie?.split(';')[0] ?? '';

const chosenPreferences = ['up_limit', 'alt_up_limit', 'dl_limit', 'alt_dl_limit', 'limit_lan_peers', 'use_alt_speed_limits'];

/** What a qBittorrent with password "secret" and up_limit 777 KiB/s answers to everything that we and our rivals may ask. */
export const converse = async (url: string): Promise<readonly string[]> => {
  const lines: string[] = [];
  const note = (what: string, answer: Asked): Asked => {
    lines.push(`${what}: ${answer.status} ${answer.body.startsWith('{') ? '{…}' : answer.body}`);
    return answer;
  };
  note('without a session', await ask(url, 'transfer/info'));
  note('unknown scope without a session', await ask(url, 'nosuch/thing'));
  note('wrong password', await ask(url, 'auth/login', { form: { username: 'admin', password: 'wrong' } }));
  note('log-in by GET', await ask(url, 'auth/login?username=admin&password=secret'));
  note(
    'foreign referer',
    await ask(url, 'auth/login', {
      form: { username: 'admin', password: 'secret' },
      headers: { referer: 'http://evil.example/' },
    }),
  );
  const welcome = note('log-in', await ask(url, 'auth/login', { form: { username: 'admin', password: 'secret' } }));
  lines.push(`cookie: ${welcome.cookie?.replace(/=[^;]*/, '=…')}`);
  const headers = { cookie: cookiePair(welcome) };
  note(
    'log-in again with a session, wrong password',
    await ask(url, 'auth/login', { form: { username: 'admin', password: 'no' }, headers }),
  );

  const limits = async (): Promise<void> => {
    const preferences = JSON.parse((await ask(url, 'app/preferences', { headers })).body);
    const mode = (await ask(url, 'transfer/speedLimitsMode', { headers })).body;
    const active = (await ask(url, 'transfer/uploadLimit', { headers })).body;
    const info = JSON.parse((await ask(url, 'transfer/info', { headers })).body);
    lines.push(
      `  ${chosenPreferences.map((key) => `${key} ${preferences[key]}`).join(', ')}, mode ${mode}, active ${active} ${info.up_rate_limit}`,
    );
  };
  const set = async (json: string): Promise<void> => {
    note(`set ${json}`, await ask(url, 'app/setPreferences', { form: { json }, headers }));
    await limits();
  };
  await limits();
  for (const json of [
    '{"alt_up_limit":500000}',
    '{"up_limit":1234567}',
    '{"up_limit":1}',
    '{"up_limit":-5}',
    '{"up_limit":700000.6}',
    '{"up_limit":3000000000}',
    '{"up_limit":2147483647}',
    '{"up_limit":"900000"}',
    '{"up_limit":"abc"}',
    '{"up_limit":null}',
    '{"up_limit":true}',
    'no JSON',
    '[1]',
    '{"no_such_key":1,"up_limit":800000}',
    '{"limit_lan_peers":false}',
  ])
    await set(json);
  for (const [path, form] of [
    ['transfer/setUploadLimit', { limit: '1234567' }],
    ['transfer/toggleSpeedLimitsMode', {}],
    ['transfer/setUploadLimit', { limit: '600000' }],
    ['transfer/setUploadLimit', { limit: '-1' }],
    ['transfer/setUploadLimit', { limit: 'abc' }],
    ['transfer/setUploadLimit', { limit: '4294968320' }],
    ['transfer/setUploadLimit', {}],
    ['transfer/setSpeedLimitsMode', { mode: '1' }],
    ['transfer/setSpeedLimitsMode', { mode: 'x' }],
    ['transfer/setSpeedLimitsMode', {}],
    ['app/setPreferences', {}],
    ['transfer/setSpeedLimitsMode', { mode: '0' }],
  ] as const) {
    note(`post ${path} ${JSON.stringify(form)}`, await ask(url, path, { form, headers }));
    await limits();
  }
  note('setter by GET', await ask(url, 'transfer/setUploadLimit?limit=5', { headers }));
  note(
    'setter by POST with the value in the query',
    await ask(url, 'transfer/setUploadLimit?limit=5', { method: 'POST', headers }),
  );
  note('getter by POST', await ask(url, 'transfer/uploadLimit', { form: {}, headers }));
  note('unknown action', await ask(url, 'transfer/nosuch', { headers }));
  note('unknown scope', await ask(url, 'nosuch/thing', { headers }));
  note('foreign origin', await ask(url, 'app/version', { headers: { ...headers, origin: 'http://evil.example' } }));
  note('own origin', await ask(url, 'app/version', { headers: { ...headers, origin: url } }));
  note('own referer', await ask(url, 'app/version', { headers: { ...headers, referer: `${url}/` } }));
  note(
    'own origin, foreign referer',
    await ask(url, 'app/version', { headers: { ...headers, origin: url, referer: 'http://evil.example/' } }),
  );
  note('another port in the host header', await ask(url, 'app/version', { headers: { ...headers, host: '127.0.0.1:1' } }));
  note('another host name', await ask(url, 'app/version', { headers: { ...headers, host: 'qbittorrent' } }));
  note('web API version', await ask(url, 'app/webapiVersion', { headers }));

  const sync = async (rid: number | null): Promise<number> => {
    const told = JSON.parse((await ask(url, `sync/maindata${rid === null ? '' : `?rid=${rid}`}`, { headers })).body);
    const { use_alt_speed_limits: mode, up_rate_limit: limit } = told.server_state ?? {};
    lines.push(`  sync ${rid}: rid ${told.rid}, full ${told.full_update}, mode ${mode}, limit ${limit}`);
    return told.rid;
  };
  const first = await sync(null);
  const second = await sync(first);
  await ask(url, 'transfer/toggleSpeedLimitsMode', { form: {}, headers });
  const third = await sync(second);
  await sync(second);
  await sync(third + 7);
  await sync(0);

  for (let count = 1; count <= 6; count += 1)
    note(`wrong password ${count}`, await ask(url, 'auth/login', { form: { username: 'admin', password: 'wrong' } }));
  note('right password while banned', await ask(url, 'auth/login', { form: { username: 'admin', password: 'secret' } }));
  note('the session while banned', await ask(url, 'app/version', { headers }));
  note('log-out', await ask(url, 'auth/logout', { form: {}, headers }));
  note('after log-out', await ask(url, 'app/version', { headers }));
  return lines;
};
