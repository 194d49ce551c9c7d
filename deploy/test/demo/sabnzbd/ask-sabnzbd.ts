// A long conversation with a SABnzbd, written down so that the simulated one can be compared with what the real one said.
import { request } from 'node:http';

type Fields = Readonly<Record<string, string>>;
export type Asked = { readonly status: number; readonly body: string };
export type Question = { readonly path?: string; readonly method?: string; readonly headers?: Fields; readonly body?: string };

const form = (fields: Fields): string => new URLSearchParams(fields).toString();

export const ask = async (url: string, { path = '/api', method = 'POST', headers = {}, body }: Question): Promise<Asked> => {
  const { promise, resolve, reject } = Promise.withResolvers<Asked>();
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const sent = request(`${url}${path}`, { agent: false, method, headers: { ...type, ...headers } }, (answer) => {
    let text = '';
    answer.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: text }));
  });
  sent.on('error', reject).end(body);
  return promise;
};

/** One call with the key, in a form. */
export const call = (url: string, apikey: string, fields: Fields): Promise<Asked> =>
  ask(url, { body: form({ output: 'json', apikey, ...fields }) });

const told = ['version', 'paused', 'pause_int', 'speedlimit', 'speedlimit_abs', 'kbpersec', 'status', 'slots'];

/** What a SABnzbd with bandwidth_max 10M and bandwidth_perc 80 and an empty queue answers, started just now. */
export const converse = async (url: string, keys: { readonly api: string; readonly nzb: string }): Promise<readonly string[]> => {
  const lines: string[] = [];
  const note = (what: string, { status, body }: Asked): void => {
    const isJson = body.startsWith('{');
    lines.push(
      `${what}: ${status} ${isJson ? JSON.stringify(JSON.parse(body)) : body.trim().startsWith('<') || status === 303 ? '' : body.trim()}`,
    );
  };
  const queue = async (): Promise<void> => {
    const { body } = await call(url, keys.api, { mode: 'queue', limit: '1' });
    const { queue: all } = JSON.parse(body);
    lines.push(`  ${JSON.stringify(told.map((key) => all[key]))}`);
  };
  const plain = (fields: Fields): Promise<Asked> => ask(url, { body: form({ output: 'json', ...fields }) });
  const keyed = (fields: Fields): Promise<Asked> => call(url, keys.api, fields);

  note('no key', await plain({ mode: 'queue' }));
  note('wrong key', await plain({ mode: 'queue', apikey: 'wrong' }));
  note('nzb key', await plain({ mode: 'queue', apikey: keys.nzb }));
  note('version without a key', await plain({ mode: 'version' }));
  note('version with a wrong one', await plain({ mode: 'version', apikey: 'wrong' }));
  for (const headers of [{ 'x-api-key': keys.api }, { authorization: `Bearer ${keys.api}` }])
    note(
      `key in ${Object.keys(headers)}`,
      await ask(url, { headers: { ...headers }, body: form({ mode: 'queue', output: 'json' }) }),
    );
  for (const host of ['sab.example', 'sab.local:8080', 'localhost', '10.0.0.1:99', '[::1]:8080'])
    note(`host ${host}`, await ask(url, { headers: { host }, body: form({ mode: 'version', output: 'json' }) }));
  for (const path of ['/sabnzbd/api', '/api/', '/sabnzbd/api/', '/nosuch/api', '/'])
    note(`path ${path}`, await ask(url, { path, body: form({ mode: 'version', output: 'json' }) }));
  note('mode unknown', await keyed({ mode: 'nosuch' }));
  note('no mode', await keyed({}));
  note('config unknown', await keyed({ mode: 'config', name: 'nosuch' }));
  note('as text', await ask(url, { body: form({ mode: 'config', name: 'nosuch', apikey: keys.api }) }));
  note('max', await keyed({ mode: 'get_config', section: 'misc', keyword: 'bandwidth_max' }));
  note('no such keyword', await keyed({ mode: 'get_config', section: 'misc', keyword: 'nosuch' }));
  note(
    'PUT',
    await ask(url, {
      method: 'PUT',
      body: form({ mode: 'get_config', section: 'misc', keyword: 'bandwidth_perc', output: 'json', apikey: keys.api }),
    }),
  );
  note('GET', await ask(url, { method: 'GET', path: '/api?mode=pause&output=json&apikey=wrong' }));
  note('JSON', await ask(url, { headers: { 'content-type': 'application/json' }, body: '{"mode":"queue"}' }));
  note(
    'two keys',
    await ask(url, { path: `/api?apikey=${keys.api}`, body: form({ mode: 'queue', output: 'json', apikey: keys.api }) }),
  );

  await queue();
  const values = [
    '50%',
    '50',
    '100',
    '100%',
    '101',
    '0',
    '',
    '0%',
    '512000',
    '500K',
    '0.5K',
    '0.05K',
    '1M',
    '1.5M',
    '1048576',
    '5242880',
  ];
  values.push('33%', '3460300', '150%', '-1', 'abc', '12.7%', '40 %', '99999999999', '1023', '%', '1.9K', '716800.5');
  const limit = async (value: string): Promise<void> => {
    note(`limit "${value}"`, await keyed({ mode: 'config', name: 'speedlimit', value }));
    await queue();
  };
  for (const value of values) await limit(value);
  const set = async (keyword: string, value: string): Promise<void> => {
    note(`${keyword} "${value}"`, await keyed({ mode: 'set_config', section: 'misc', keyword, value }));
    await queue();
  };
  await set('bandwidth_max', '20M');
  await set('bandwidth_perc', '50');
  await set('bandwidth_max', '');
  for (const value of ['50%', '400K', '100%', '0', '0%']) await limit(value);
  await set('bandwidth_max', '10M');
  await set('bandwidth_perc', '80');
  for (const fields of [
    { mode: 'pause' },
    { mode: 'pause' },
    { mode: 'resume' },
    { mode: 'resume' },
    { mode: 'config', name: 'set_pause', value: '5' },
    { mode: 'pause' },
    { mode: 'config', name: 'set_pause', value: '5' },
    { mode: 'resume' },
    { mode: 'pause' },
    { mode: 'config', name: 'set_pause', value: '0' },
  ]) {
    note(Object.values(fields).join(' '), await keyed(fields));
    await queue();
  }
  return lines;
};
