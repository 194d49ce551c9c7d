// A WebSocket that nobody answers ends by itself.
import { once } from 'node:events';
import { createServer } from 'node:net';
import t from 'tap';
import { dialWebSocket } from '../../src/http-client/dial-web-socket.ts';

t.test('a server that takes the connection and never answers the upgrade is given up', async (t) => {
  const server = createServer((socket) => void socket.on('error', () => {}).resume());
  t.teardown(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const began = performance.now();
  const socket = dialWebSocket({
    who: 'cinema',
    url: `http://127.0.0.1:${port}/socket`,
    headers: {},
    maxMessageBytes: 1000,
    handshakeMs: 200,
  });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('close', resolve));
  t.ok(performance.now() - began < 3000);
});
