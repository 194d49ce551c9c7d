// No ffmpeg outlives this process, whatever kills it and whatever ffmpeg waits for: the kernel ends it, or a shell that watches a pipe of ours.
import { spawnSync } from 'node:child_process';

export type OrphanGuard = 'death-signal' | 'watch-pipe';

/** A command that runs `argv` under guard. `watched`: file descriptor 3 must be a pipe whose other end this process alone holds. */
export type GuardedCommand = { readonly file: string; readonly args: readonly string[]; readonly watched: boolean };

/** Blocks for the few milliseconds of one `setpriv true`: asked once, at opening. util-linux has the option since 2.33, busybox has not. */
export function detectOrphanGuard(): OrphanGuard {
  const { status } = spawnSync('setpriv', ['--pdeathsig', 'KILL', '--', 'true'], { stdio: 'ignore', timeout: 5_000 });
  return status === 0 ? 'death-signal' : 'watch-pipe';
}

/**
 * PR_SET_PDEATHSIG (prctl(2)) survives exec, but not that of a program with file capabilities or set-user-id.
 * It fires when the THREAD that spawned ends: spawn from a thread that lives as long as its programmes.
 * If this process was killed before the signal was asked for, the shell has another parent and ends by itself.
 */
const deathSignal = 'test "$PPID" = "$1" || exit 125; shift; exec "$@"';

/**
 * The guard's `read` ends when our end of the pipe closes, also if that was before it began; then the whole process group goes, the shells with it.
 * Else it is ended once the program has ended by itself, whose exit code is handed on.
 */
const watchPipe = [
  '"$@" 3<&- & program=$!',
  '( read -r end <&3; kill -9 0 ) >/dev/null 2>&1 & guard=$!',
  'exec 3<&-',
  'wait "$program"; code=$?',
  'kill -9 "$guard" 2>/dev/null',
  // In a container whose first process reaps nothing it would stay as a zombie.
  'wait "$guard" 2>/dev/null',
  'exit "$code"',
].join('\n');

/** Spawn it detached: `watch-pipe` ends its own process group. `parent` is this process's id. */
export function guarded(guard: OrphanGuard, parent: number, argv: readonly string[]): GuardedCommand {
  if (guard === 'watch-pipe') return { file: 'sh', args: ['-c', watchPipe, 'sh', ...argv], watched: true };
  return {
    file: 'setpriv',
    args: ['--pdeathsig', 'KILL', '--', 'sh', '-c', deathSignal, 'sh', String(parent), ...argv],
    watched: false,
  };
}
