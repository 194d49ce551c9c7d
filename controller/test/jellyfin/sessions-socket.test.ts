// Sockets that behave oddly, and answers that cross messages: by a server that says what it is told to say.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { type WebSocket, WebSocketServer } from 'ws';
import { openTest, until, watched } from './neighbours.ts';

const FILM = { Id: 's1', UserId: '0', NowPlayingItem: { Id: 'film', Name: 'Film' } };

type Script = {
  /** The answer to GET /Sessions. */
  readonly sessions: () => Promise<unknown>;
  readonly connected: (socket: WebSocket) => void;
};

const scripted = async ({ sessions, connected }: Script) => {
  const http = createServer((request, response) => {
    const answer = request.url === '/Sessions' ? sessions() : Promise.resolve({ Version: '12.0.0' });
    void answer.then((body) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body)));
  });
  new WebSocketServer({ server: http }).on('connection', connected);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    target: { url: `http://127.0.0.1:${port}`, apiKey: 'k' },
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
      http.close();
    },
  };
};

t.test('a socket that is closed with 1000 right after opening makes no storm', async (t) => {
  let opened = 0;
  const connected = (socket: WebSocket) => {
    opened += 1;
    setTimeout(() => socket.close(1000), 14);
  };
  await using server = await scripted({ sessions: async () => [], connected });
  await using watch = watched(openTest(server.target));
  await until('tried at once and then a second later', () => opened === 3, 5000);
  await until('told', () => watch.ear.state() === 'polling');
  t.ok(watch.ear.lists.length <= 6, `${watch.ear.lists.length} polls`);
});

t.test('an answer that a message has overtaken is not believed', async (t) => {
  let answered = 0;
  const message = JSON.stringify({ MessageType: 'Sessions', Data: [] });
  await using server = await scripted({
    // The look after the socket's opening is slow; meanwhile the film ends.
    sessions: async () => {
      answered += 1;
      if (answered > 1) await wait(200);
      return [FILM];
    },
    connected: (socket) => void setTimeout(() => socket.send(message), 100),
  });
  await using watch = watched(openTest(server.target));
  const { ear } = watch;
  await until('the film', () => ear.streams().length === 1);
  await until('its end', () => ear.lists.length > 1 && ear.streams().length === 0);
  await wait(250);
  t.equal(answered, 2);
  t.equal(ear.streams().length, 0, 'the film does not rise again');
});

t.test('nonsense over the socket harms nothing', async (t) => {
  const connected = (socket: WebSocket) => {
    for (const text of [
      '',
      '{',
      '[]',
      '7',
      '{"MessageType":7}',
      '{"MessageType":"Sessions"}',
      '{"MessageType":"Sessions","Data":{}}',
    ])
      socket.send(text);
    socket.send(Buffer.from([0, 255, 1]));
    socket.send(JSON.stringify({ MessageType: 'Sessions', Data: [null, { Id: 5 }, FILM] }));
  };
  await using server = await scripted({ sessions: async () => [], connected });
  await using watch = watched(openTest(server.target));
  await until('the one session that can be read', () => watch.ear.lists.some(({ streams }) => streams.length === 1));
  await until('told', () => watch.ear.state() !== null);
  t.match(watch.ear.states, [{ state: 'live' }]);
});
