// Where our own addresses begin.
import t from 'tap';
import { ownAddress } from '../../../src/channels/guide/own-address.ts';

t.test('the public address wins; else the one that we listen on', async (t) => {
  const listen = { host: '192.168.1.5', port: 8400 };
  t.equal(ownAddress('https://tv.example/headgate/', listen), 'https://tv.example/headgate');
  t.equal(ownAddress('https://tv.example', listen), 'https://tv.example');
  t.equal(ownAddress(null, listen), 'http://192.168.1.5:8400');
  t.equal(ownAddress(null, { host: 'fd00::1', port: 1 }), 'http://[fd00::1]:1');
  t.equal(ownAddress(null, { host: '0.0.0.0', port: 1 }), 'http://127.0.0.1:1');
  t.equal(ownAddress(null, { host: '::', port: 1 }), 'http://[::1]:1');
});
