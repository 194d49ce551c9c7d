// Time, size, paths, redirects and trust of the one way out to our neighbours.
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { openHttpClient } from '../../src/http-client/open-http-client.ts';
import { makeCertificate } from './make-certificate.ts';

const patience = (): AbortSignal => AbortSignal.timeout(30_000);

const listen = async (server: Server) => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
const serve = (listener: RequestListener) => listen(createServer(listener));

t.test('a request goes below the base path, with its query, headers and body', async (t) => {
  const seen: unknown[] = [];
  await using server = await serve(async (request, answer) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push([request.method, request.url, request.headers['x-test'], body]);
    answer.setHeader('set-cookie', ['a=1', 'b=2']);
    answer.writeHead(207).end('grüße');
  });
  for (const base of ['/base', '/base/', '/base//']) {
    await using client = openHttpClient({ name: 'peer', url: `http://127.0.0.1:${server.port}${base}` });
    t.equal(client.baseUrl, `http://127.0.0.1:${server.port}/base`);
    const answer = await client.request({
      method: 'POST',
      path: '/a/b',
      query: { x: 'y z&', n: 1, left: undefined },
      headers: { 'x-test': 'h' },
      body: 'ü',
      signal: patience(),
    });
    t.match(answer, { status: 207, text: 'grüße', headers: { 'set-cookie': ['a=1', 'b=2'] } });
  }
  t.same(
    new Set(seen.map((line) => JSON.stringify(line))),
    new Set([JSON.stringify(['POST', '/base/a/b?x=y+z%26&n=1', 'h', 'ü'])]),
  );
});

t.test('a URL that cannot be is refused before anything is sent', async (t) => {
  for (const url of ['', '192.168.1.5:8080', 'ftp://host', 'http://user:secret@host', 'http://host/?key=1', 'http://host/#x']) {
    t.throws(() => openHttpClient({ name: 'peer', url }), { code: 'config_invalid' }, url);
  }
  try {
    openHttpClient({ name: 'peer', url: 'http://user:hunter2@host' });
  } catch (error) {
    t.notMatch(String(error), /hunter2/);
  }
  t.throws(() => openHttpClient({ name: 'peer', url: 'https://host', tls: { fingerprint256: 'AB:CD' } }), {
    code: 'config_invalid',
  });
});

t.test('a peer that accepts and says nothing, or stops in the middle, ends in a timeout', async (t) => {
  await using mute = await serve(() => {});
  await using halting = await serve((_request, answer) => void answer.writeHead(200).write('half'));
  for (const { port } of [mute, halting]) {
    await using client = openHttpClient({ name: 'peer', url: `http://127.0.0.1:${port}`, timeoutMs: 100 });
    await t.rejects(client.request({ path: '', signal: patience() }), {
      code: 'timeout',
      message: 'peer did not answer in time',
    });
  }
});

t.test('the caller can leave at any time, and gets its own reason', async (t) => {
  await using mute = await serve(() => {});
  await using client = openHttpClient({ name: 'peer', url: `http://127.0.0.1:${mute.port}` });
  const stop = new AbortController();
  const waiting = client.request({ path: '', signal: stop.signal });
  stop.abort();
  await t.rejects(waiting, { name: 'AbortError' });
  await t.rejects(client.request({ path: '', signal: stop.signal }), { name: 'AbortError' });
});

t.test('too large an answer is cut off', async (t) => {
  let sent = 0;
  await using server = await serve(async (_request, answer) => {
    const chunk = 'x'.repeat(10_000);
    while (!answer.destroyed && sent < 100_000_000) {
      sent += chunk.length;
      if (!answer.write(chunk)) await wait(1);
    }
  });
  await using client = openHttpClient({ name: 'peer', url: `http://127.0.0.1:${server.port}`, maxBodyBytes: 50_000 });
  await t.rejects(client.request({ path: '', signal: patience() }), {
    code: 'upstream_failed',
    message: /more than 50000 bytes/,
  });
  t.ok(sent < 100_000_000);
});

t.test(
  'where only the status counts, a good one is the answer, whatever its body does, and the connection is used again',
  async (t) => {
    let sockets = 0;
    await using quick = await serve((request, answer) => {
      if (request.socket.bytesWritten === 0) sockets += 1;
      answer.writeHead(201).end('taken');
    });
    await using halting = await serve((_request, answer) => void answer.writeHead(200).write('half'));
    await using refusing = await serve((_request, answer) => void answer.writeHead(400).end('why'));
    const ask = async (port: number) => {
      await using client = openHttpClient({ name: 'peer', url: `http://127.0.0.1:${port}`, timeoutMs: 500 });
      const answers = [];
      for (let i = 0; i < 3; i += 1) {
        answers.push(await client.request({ method: 'POST', path: '', body: 'x', statusOnly: true, signal: patience() }));
        await wait(20);
      }
      return answers.map(({ status, text }) => `${status} ${text}`);
    };
    t.same(await ask(quick.port), ['201 ', '201 ', '201 ']);
    t.equal(sockets, 1);
    t.same(await ask(halting.port), ['200 ', '200 ', '200 ']);
    t.same(await ask(refusing.port), ['400 why', '400 why', '400 why'], 'a refusal is read');
  },
);

t.test('redirects are told, not followed', async (t) => {
  await using server = await serve((_request, answer) => void answer.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
  await using client = openHttpClient({ name: 'peer', url: `http://127.0.0.1:${server.port}` });
  t.equal((await client.request({ path: '', signal: patience() })).status, 302);
});

t.test('a GET is repeated once when its kept-alive connection dies under it, a POST is not', async (t) => {
  let requests = 0;
  await using server = await serve((request, answer) => {
    requests += 1;
    if (requests % 2 === 0) request.socket.destroy();
    else answer.end('well');
  });
  await using client = openHttpClient({ name: 'peer', url: `http://127.0.0.1:${server.port}`, connections: 1 });
  await client.request({ path: '', signal: patience() });
  t.equal((await client.request({ path: '', signal: patience() })).text, 'well');
  t.equal(requests, 3);
  await t.rejects(client.request({ method: 'POST', path: '', body: 'x', signal: patience() }), {
    code: 'upstream_unreachable',
    message: /closed the connection/,
  });
  t.equal(requests, 4);
});

t.test('a closed port and a peer that speaks something else are told in words', async (t) => {
  const ssh = createTcpServer(
    (socket) =>
      void socket
        .resume()
        .on('error', () => {})
        .end('SSH-2.0-dropbear\r\n'),
  );
  ssh.listen(0, '127.0.0.1');
  await once(ssh, 'listening');
  const address = ssh.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  await using other = openHttpClient({ name: 'peer', url: `http://127.0.0.1:${port}` });
  await t.rejects(other.request({ path: '', signal: patience() }), {
    code: 'upstream_unreachable',
    message: /does not speak HTTP/,
  });
  await using tls = openHttpClient({ name: 'peer', url: `https://127.0.0.1:${port}` });
  await t.rejects(tls.request({ path: '', signal: patience() }), { code: 'upstream_unreachable', message: /TLS/ });
  ssh.close();
  await once(ssh, 'close');
  await using closed = openHttpClient({ name: 'peer', url: `http://127.0.0.1:${port}` });
  await t.rejects(closed.request({ path: '', signal: patience() }), {
    code: 'upstream_unreachable',
    message: /refuses connections/,
  });
});

t.test('a self-signed certificate is refused unless its authority or its fingerprint is given', async (t) => {
  const mine = await makeCertificate();
  const other = await makeCertificate();
  let requests = 0;
  await using server = await listen(
    createTlsServer({ key: mine.key, cert: mine.cert }, (_request, answer) => {
      requests += 1;
      answer.end('well');
    }),
  );
  const url = `https://127.0.0.1:${server.port}`;
  for (const tls of [undefined, { ca: other.cert }, { fingerprint256: other.fingerprint }]) {
    await using client = openHttpClient({ name: 'peer', url, tls });
    await t.rejects(client.request({ path: '', signal: patience() }), { code: 'upstream_unreachable', message: /certificate/ });
  }
  t.equal(requests, 0, 'nothing reached it');
  for (const tls of [
    { ca: mine.cert },
    { fingerprint256: mine.fingerprint },
    { fingerprint256: mine.fingerprint.replaceAll(':', '').toLowerCase() },
  ]) {
    await using client = openHttpClient({ name: 'peer', url, tls });
    for (let count = 0; count < 3; count += 1) t.equal((await client.request({ path: '', signal: patience() })).text, 'well');
  }
});
