// A tracker with a certificate of the house is asked where that was configured, and nowhere else.
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { encodeBencode } from '@headgate/protocol/bencode';
import t from 'tap';
import { makeCertificate } from '../../../controller/test/http-client/make-certificate.ts';
import { engineHome, stateOf, until } from './engine-home.ts';

t.test('a CA of one’s own', async (t) => {
  const home = engineHome(t);
  const { key, cert } = await makeCertificate();
  let asked = 0;
  const tracker = createServer({ key, cert }, (_, response) => {
    asked += 1;
    response.end(encodeBencode({ interval: 60, peers: Buffer.alloc(0) }));
  }).listen(0, '127.0.0.1');
  await once(tracker, 'listening');
  t.teardown(() => tracker.close());
  const announce = [`https://127.0.0.1:${(tracker.address() as AddressInfo).port}/announce`];
  home.file('film', 40_000);

  const wary = home.open();
  const { infoHash } = await home.seed(wary, 'film', announce);
  await until(() => stateOf(wary, infoHash)?.problem != null, home.signal);
  t.equal(asked, 0);
  await wary[Symbol.asyncDispose]();

  const trusting = home.open({ ca: cert });
  await home.seed(trusting, 'film', announce);
  await until(() => asked > 0, home.signal);
  t.equal(stateOf(trusting, infoHash)?.problem, null);
});
