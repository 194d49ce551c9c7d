// What people type for a Transmission, and where its RPC is then.
import t from 'tap';
import { rpcFolder } from '../../src/transmission/rpc-url.ts';

const cases: Readonly<Record<string, string>> = {
  'http://nas:9091': 'http://nas:9091/transmission',
  'http://nas:9091/': 'http://nas:9091/transmission',
  'http://nas:9091/transmission': 'http://nas:9091/transmission',
  'http://nas:9091/transmission/': 'http://nas:9091/transmission',
  'http://nas:9091/transmission/rpc': 'http://nas:9091/transmission',
  'http://nas:9091/transmission/web/': 'http://nas:9091/transmission',
  'http://nas:9091/transmission/web/index.html': 'http://nas:9091/transmission',
  'http://nas:9091/torrents/web': 'http://nas:9091/torrents',
  'http://nas:9091/rpc': 'http://nas:9091/',
  'https://home.example/apps/tr/': 'https://home.example/apps/tr/transmission',
  'http://nas:9091?x=1': 'http://nas:9091/transmission?x=1',
  'no URL at all': 'no URL at all',
};

t.test('the folder of the RPC is found in whatever URL people have', async (t) => {
  for (const [given, folder] of Object.entries(cases)) t.equal(rpcFolder(given), folder, given);
});
