// Addresses as people write them into a configuration.
import t from 'tap';
import { serverAddress } from '../../src/jellyfin/server-address.ts';

t.test('what is asked where', async (t) => {
  const cases: readonly [string, string, string, string][] = [
    ['http://192.168.1.10:8096', 'http://192.168.1.10:8096', '', 'ws://192.168.1.10:8096/socket'],
    ['http://192.168.1.10:8096/', 'http://192.168.1.10:8096', '', 'ws://192.168.1.10:8096/socket'],
    ['https://media.example/jellyfin/', 'https://media.example', '/jellyfin', 'wss://media.example/jellyfin/socket'],
    ['https://media.example:8920/a/b', 'https://media.example:8920', '/a/b', 'wss://media.example:8920/a/b/socket'],
    ['http://[2001:db8::1]:8096', 'http://[2001:db8::1]:8096', '', 'ws://[2001:db8::1]:8096/socket'],
    ['HTTP://Jelly.local:8096', 'http://jelly.local:8096', '', 'ws://jelly.local:8096/socket'],
  ];
  for (const [url, origin, basePath, socketUrl] of cases)
    t.same(serverAddress('main', url), { origin, basePath, socketUrl }, url);
});

t.test('what is refused, by name of the server and without the password', async (t) => {
  for (const url of [
    '',
    'jelly:8096',
    'ftp://jelly',
    'http://',
    'http://me:secret@jelly',
    'http://jelly/?ApiKey=secret',
    'http://jelly/#/home',
  ]) {
    const error = t.throws(() => serverAddress('main', url), { code: 'config_invalid', message: /"main"/ }, url);
    t.notMatch(String(error), /secret/);
  }
});
