// The loopback proxy between ffmpeg and a media server, over real HTTP.
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import t, { type Test } from 'tap';
import { openConnector } from '../../src/http-client/tls-trust.ts';
import { openSourceProxy } from '../../src/live/source-proxy.ts';
import { silentLog } from '../../src/log.ts';
import { makeCertificate } from '../http-client/make-certificate.ts';

async function openUpstream(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { readonly port: number }).port}`;
}

async function openProxy(t: Test) {
  const proxy = await openSourceProxy(silentLog, (tls, ms) => openConnector('media', tls, ms));
  t.teardown(() => proxy[Symbol.asyncDispose]());
  return proxy;
}

t.test('row 136: ranges, HEAD and answers pass, the key is added, and a path lives as long as its programme', async (t) => {
  const seen: (readonly [string | undefined, string | undefined, string | undefined, string | undefined])[] = [];
  const url = await openUpstream(t, (request, response) => {
    seen.push([request.method, request.url, request.headers.range, request.headers.authorization]);
    response.writeHead(206, {
      'Content-Range': 'bytes 2-3/10',
      'Content-Length': 2,
      'X-Secret': 'no',
      'Content-Type': 'video/x-matroska',
    });
    response.end(request.method === 'HEAD' ? undefined : 'cd');
  });
  const proxy = await openProxy(t);
  const lease = proxy.lease({ url: `${url}/Videos/1/stream?static=true`, headers: { Authorization: 'key' } });
  t.match(lease.url, /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}$/);
  const answer = await fetch(lease.url, { headers: { range: 'bytes=2-3' } });
  t.equal(answer.status, 206);
  t.equal(answer.headers.get('content-range'), 'bytes 2-3/10');
  t.equal(answer.headers.get('x-secret'), null);
  t.equal(await answer.text(), 'cd');
  t.equal((await fetch(lease.url, { method: 'HEAD' })).status, 206);
  t.same(seen, [
    ['GET', '/Videos/1/stream?static=true', 'bytes=2-3', 'key'],
    ['HEAD', '/Videos/1/stream?static=true', undefined, 'key'],
  ]);
  t.equal((await fetch(lease.url, { method: 'POST' })).status, 405);
  t.equal((await fetch(`${lease.url}0`)).status, 404);
  lease[Symbol.dispose]();
  t.equal((await fetch(lease.url)).status, 404);
  t.equal(seen.length, 2);
});

t.test(
  'a server that is gone is 502, one that breaks off breaks the answer off, and the proxy reads no faster than its reader',
  async (t) => {
    const proxy = await openProxy(t);
    t.equal((await fetch(proxy.lease({ url: 'http://127.0.0.1:1/x', headers: {} }).url)).status, 502);
    const broken = await openUpstream(t, (_, response) => {
      response.writeHead(200, { 'Content-Length': 1_000 }).write('some', () => response.destroy());
    });
    const answer = await fetch(proxy.lease({ url: broken, headers: {} }).url);
    await t.rejects(answer.text());
    let sent = 0;
    const endless = await openUpstream(t, (_, response) => {
      const more = (): void => {
        while (!response.destroyed) {
          sent += 65_536;
          if (!response.write(Buffer.alloc(65_536))) return void response.once('drain', more);
        }
      };
      more();
    });
    const reader = (await fetch(proxy.lease({ url: endless, headers: {} }).url)).body?.getReader();
    await reader?.read();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const held = sent;
    await new Promise((resolve) => setTimeout(resolve, 300));
    t.equal(sent, held);
    t.ok(held < 32 * 2 ** 20, `${held} bytes`);
    await reader?.cancel();
  },
);

t.test('a server with a certificate of its own is believed by its pin, another is not', async (t) => {
  const [mine, other] = [await makeCertificate(), await makeCertificate()];
  const server = createTlsServer({ key: mine.key, cert: mine.cert }, (_, response) => response.end('mine'));
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `https://127.0.0.1:${(server.address() as { readonly port: number }).port}/x`;
  const proxy = await openProxy(t);
  const ask = (fingerprint256: string) => fetch(proxy.lease({ url, headers: {}, tls: { fingerprint256 } }).url);
  t.equal(await (await ask(mine.fingerprint)).text(), 'mine');
  t.equal((await ask(other.fingerprint)).status, 502);
  t.equal((await fetch(proxy.lease({ url, headers: {} }).url)).status, 502);
});
