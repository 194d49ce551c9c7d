// Where our own addresses begin.
import t from 'tap';
import { addressProblem, ownAddress } from '../../../src/channels/guide/own-address.ts';

t.test('the public address wins; else the one that we listen on', async (t) => {
  const listen = { host: '192.168.1.5', port: 8400 };
  t.equal(ownAddress('https://tv.example/headgate/', listen), 'https://tv.example/headgate');
  t.equal(ownAddress('https://tv.example', listen), 'https://tv.example');
  t.equal(ownAddress(null, listen), 'http://192.168.1.5:8400');
  t.equal(ownAddress(null, { host: 'fd00::1', port: 1 }), 'http://[fd00::1]:1');
  t.equal(ownAddress(null, { host: '0.0.0.0', port: 1 }), 'http://127.0.0.1:1');
  t.equal(ownAddress(null, { host: '::', port: 1 }), 'http://[::1]:1');
});

t.test('an address that its readers cannot reach is told with the key that helps', async (t) => {
  const [beside, away] = [
    { name: 'main', url: 'http://localhost:8096' },
    { name: 'attic', url: 'http://192.168.1.9:8096' },
  ];
  const problem = (baseUrl: string, listenHost: string, ...mediaServers: (typeof beside)[]) =>
    addressProblem({ baseUrl, listenHost, mediaServers });
  t.equal(problem('http://192.168.1.5:8400', '0.0.0.0', beside, away), null);
  t.equal(problem('http://127.0.0.1:8400', '127.0.0.1', beside), null, 'all on one machine');
  t.match(
    problem('http://127.0.0.1:8400', '0.0.0.0', beside),
    /http:\/\/127\.0\.0\.1:8400.*only this machine.*channels\.base_url/,
  );
  t.match(problem('http://127.0.0.1:8400', '127.0.0.1', beside, away), /attic cannot reach it.*http\.public_url/);
  t.match(problem('http://[::1]:8400', '::', away), /attic cannot/);
  t.match(problem('http://localhost:8400', '0.0.0.0', away), /attic cannot/, 'a configured one as well');
});
