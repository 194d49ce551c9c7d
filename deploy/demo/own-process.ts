// One program of a neighbour as a child: ends with us, is killed and started again, ready when its port is open.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export type OwnProcess = {
  /** Resolves when its port is open. @throws Error when it ends at once or takes longer than 30 s. */
  start(): Promise<void>;
  /** Resolves when it is gone; killed after 15 s. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** SIGSTOP and SIGCONT: alive, its sockets open, and mute. */
  freeze(frozen: boolean): void;
};

export type ProcessOptions = {
  readonly program: string;
  readonly args: readonly string[];
  readonly home: string;
  /** On 127.0.0.1. */
  readonly port: number;
};

/** Of util-linux: becomes the program, with the wish to be ended when we are, so that a killed test run leaves nothing behind. */
const endingWithUs = 'setpriv';
const readyWithinMs = 30_000;
const stopWithinMs = 15_000;

/** Whether a program is installed. */
export const hasProgram = async (program: string): Promise<boolean> => {
  const child = spawn('which', [program], { stdio: 'ignore' });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
};

export const ownProcess = ({ program, args, home, port }: ProcessOptions): OwnProcess => {
  let child: ChildProcess | null = null;
  const end: OwnProcess['end'] = async (signal) => {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, 'exit');
    running.kill('SIGCONT'); // a frozen one hears no SIGTERM
    running.kill(signal);
    const timer = setTimeout(() => running.kill('SIGKILL'), stopWithinMs);
    await gone;
    clearTimeout(timer);
  };
  return {
    start: async () => {
      await end('SIGTERM');
      child = spawn(endingWithUs, ['--pdeathsig', 'TERM', '--', program, ...args], {
        stdio: 'ignore',
        detached: true, // Ctrl-C at the demo reaches its whole process group: this one must live until its limit is back
        env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: home, LANG: 'C.UTF-8' },
      });
      await untilOpen(program, child, port).catch(async (error: unknown) => {
        await end('SIGKILL');
        throw error;
      });
    },
    end,
    freeze: (frozen) => void child?.kill(frozen ? 'SIGSTOP' : 'SIGCONT'),
  };
};

const untilOpen = async (program: string, child: ChildProcess, port: number): Promise<void> => {
  const failed = new Promise<never>((_resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`${endingWithUs} is not installed: apt-get install util-linux`, { cause })));
    child.once('exit', (code) => {
      const missing = code === 127; // its word for it
      reject(new Error(`${program} ${missing ? 'is not installed' : `ended with code ${code} at once`}`));
    });
  });
  failed.catch(() => {}); // its end after readiness is nobody's failure
  const give = AbortSignal.timeout(readyWithinMs);
  while (!give.aborted) {
    if (await Promise.race([isOpen(port), failed])) return;
    await Promise.race([wait(25), failed]);
  }
  throw new Error(`${program} did not listen within ${readyWithinMs / 1000} s`);
};

const isOpen = (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1');
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  }).finally(() => socket.destroy());
};
