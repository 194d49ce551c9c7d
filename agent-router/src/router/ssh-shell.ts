// One long-lived shell on one ssh connection: questions go in on stdin, framed answers come back. 1 ms a question instead of 50.
import { randomBytes } from 'node:crypto';
import type { Client, ClientChannel } from 'ssh2';
import { AgentError } from '../errors.ts';
import { connectSsh, type SshTarget } from './ssh-connect.ts';

export type Answer = { readonly code: number; readonly stdout: string };

export type Shell = {
  /** True until the connection is gone; a shell never comes back, its owner opens a new one. */
  readonly open: () => boolean;
  /** One question at a time; later ones wait. A late answer ends the connection, since what follows could not be told apart. */
  readonly ask: (question: string, deadlineMs: number) => Promise<Answer>;
  readonly close: () => Promise<void>;
};

/** rpcd cuts file exec at the same size; tc of a router with many qdiscs stays far below. */
const MOST_BYTES = 256 * 1024;
const MOST_WAITING = 16;

type Waiting = { readonly end: string; readonly done: (answer: Answer) => void; readonly fail: (error: Error) => void };

/** Opens the connection and the shell, and sends `setup` (function definitions) first. BusyBox sh only. */
export async function openShell(target: SshTarget, setup: string): Promise<Shell> {
  const client = await connectSsh(target);
  try {
    const channel = await startShell(client);
    const shell = framed(client, channel);
    const { code } = await shell.ask(setup, 5_000);
    if (code !== 0) throw new AgentError('bad_answer', `the router's shell refused the set-up with ${code}`);
    return shell;
  } catch (error) {
    client.destroy();
    // Not `refused`: a router that restarts at this moment looks the same, and is to be tried again soon.
    if (error instanceof AgentError && error.code === 'unreachable')
      throw new AgentError('bad_answer', `${target.username} logged in, but got no shell: is its login shell /bin/false?`, {
        cause: error,
      });
    throw error;
  }
}

const startShell = (client: Client): Promise<ClientChannel> =>
  new Promise((resolve, reject) => {
    client.once('close', () => reject(new AgentError('unreachable', 'the router closed the connection')));
    // No terminal: nothing is echoed. `exec` saves the login shell's process on the router.
    client.exec('exec sh', (error, channel) =>
      error
        ? reject(new AgentError('bad_answer', `the router gave no shell: ${error.message}`, { cause: error }))
        : resolve(channel),
    );
  });

function framed(client: Client, channel: ClientChannel): Shell {
  // A fresh random end mark per session: no output of the router can be taken for it.
  const nonce = randomBytes(16).toString('hex');
  let open = true;
  let asked = 0;
  let waiting = 0;
  let current: Waiting | undefined;
  let heard = '';
  let queue: Promise<unknown> = Promise.resolve();

  const lose = (error: AgentError): void => {
    open = false;
    current?.fail(error);
    current = undefined;
    client.destroy();
  };
  const gone = (): void => lose(new AgentError('unreachable', 'the router closed the connection'));
  channel.on('close', gone);
  client.on('close', gone);
  channel.stderr.resume();
  channel.setEncoding('utf8');
  channel.on('data', (text: string) => {
    if (current === undefined) return;
    heard += text;
    if (heard.length > MOST_BYTES) return lose(new AgentError('bad_answer', `an answer of more than ${MOST_BYTES} bytes`));
    const answer = split(heard, current.end);
    if (answer !== undefined) current.done(answer);
  });

  const askNow = (question: string, deadlineMs: number): Promise<Answer> =>
    new Promise<Answer>((resolve, reject) => {
      if (!open) return reject(new AgentError('unreachable', 'the router closed the connection'));
      asked += 1;
      heard = '';
      const end = `\n${nonce}-${asked} `;
      const late = setTimeout(() => lose(new AgentError('timeout', `no answer in ${deadlineMs / 1000} s`)), deadlineMs);
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          clearTimeout(late);
          current = undefined;
          then(value);
        };
      current = { end, done: settle(resolve), fail: settle(reject) };
      channel.write(`{ ${question}\n} </dev/null 2>/dev/null; printf '\\n%s-%s %s\\n' ${nonce} ${asked} $?\n`);
    });

  return {
    open: () => open,
    ask(question, deadlineMs) {
      if (waiting >= MOST_WAITING) return Promise.reject(new AgentError('timeout', `${MOST_WAITING} questions wait already`));
      waiting += 1;
      const answer = queue.then(() => askNow(question, deadlineMs)).finally(() => (waiting -= 1));
      queue = answer.catch(() => {});
      return answer;
    },
    async close() {
      open = false;
      client.end();
      client.destroy();
    },
  };
}

/** Undefined until the whole end line has arrived. */
function split(heard: string, end: string): Answer | undefined {
  const at = heard.indexOf(end);
  if (at < 0) return undefined;
  const code = /^(\d+)\n/.exec(heard.slice(at + end.length))?.[1];
  return code === undefined ? undefined : { code: Number(code), stdout: heard.slice(0, at) };
}
