// Ends a process that a bench started, and waits until it is gone; one that has ended by itself is passed by.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export async function ended(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}
