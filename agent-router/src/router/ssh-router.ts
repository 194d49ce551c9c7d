// The router over ssh. Counters each second cost it no fork: the shell's own `read` on sysfs.
import { AgentError } from '../errors.ts';
import { parseUptime } from './answers.ts';
import { createCommandRouter } from './command-router.ts';
import { RATE_TOOLS, rateToolInShell } from './rate-tool.ts';
import type { CountersReading, DeviceCounters, Router } from './router.ts';
import type { SshTarget } from './ssh-connect.ts';
import { openShell, type Shell } from './ssh-shell.ts';

const COUNTERS_MS = 4_000;
/** A reload of SQM builds its qdiscs anew and takes seconds on a slow router. */
const COMMAND_MS = 9_500;

/**
 * HEADGATE_ROOT is empty on a router; a simulated one sets it to its folder. sysfs is read instead of /proc/net/dev because BusyBox's
 * `read` takes one byte at a time: 60 bytes instead of 2,000, and the interface index and the cable come with it.
 */
const SET_UP = `hg_counters() {
  read -r hg_u hg_x <"$HEADGATE_ROOT/proc/uptime"; echo "$hg_u"
  for hg_d; do
    hg_p="$HEADGATE_ROOT/sys/class/net/$hg_d"; hg_t=; hg_r=; hg_i=; hg_c=
    read -r hg_t <"$hg_p/statistics/tx_bytes"; read -r hg_r <"$hg_p/statistics/rx_bytes"
    read -r hg_i <"$hg_p/ifindex"; read -r hg_c <"$hg_p/carrier"
    echo "$hg_d \${hg_t:--} \${hg_r:--} \${hg_i:--} \${hg_c:--}"
  done
}
${rateToolInShell('$HEADGATE_ROOT')}
true`;

/** Opens no connection yet: the first question does, and each one after a loss. */
export function createSshRouter(target: SshTarget): Router {
  let shell: Shell | undefined;
  let opening: Promise<Shell> | undefined;
  let ended = false;

  const reach = async (): Promise<Shell> => {
    if (ended) throw new AgentError('unreachable', 'the router driver is closed');
    if (shell?.open()) return shell;
    opening ??= openShell(target, SET_UP).finally(() => {
      opening = undefined;
    });
    const opened = await opening;
    if (ended) await opened.close();
    shell = opened;
    return opened;
  };

  return createCommandRouter({
    way: 'ssh',
    run: async (argv) => await (await reach()).ask(argv.map(quoted).join(' '), COMMAND_MS),
    rateTool: async () => {
      const { code, stdout } = await (await reach()).ask('hg_tool', COUNTERS_MS);
      if (code !== 0) throw new AgentError('bad_answer', `looking for cake-autorate ended with ${code}`);
      return RATE_TOOLS.find((tool) => tool === stdout.trim()) ?? false;
    },
    counters: async (devices) => {
      const { code, stdout } = await (await reach()).ask(`hg_counters ${devices.map(quoted).join(' ')}`, COUNTERS_MS);
      if (code !== 0) throw new AgentError('bad_answer', `reading the counters ended with ${code}`);
      return parseCounters(stdout);
    },
    async [Symbol.asyncDispose]() {
      ended = true;
      await shell?.close();
    },
  });
}

/** In single quotes nothing is special to a shell. A path stands under HEADGATE_ROOT, see above. */
function quoted(word: string): string {
  const safe = `'${word.replaceAll("'", "'\\''")}'`;
  return word.startsWith('/') ? `"$HEADGATE_ROOT"${safe}` : safe;
}

function parseCounters(text: string): CountersReading {
  const [uptime = '', ...lines] = text.split('\n');
  const devices: Record<string, DeviceCounters | null> = {};
  for (const line of lines) {
    const [name, tx, rx, ifindex, carrier] = line.split(' ');
    if (name === undefined || name === '') continue;
    devices[name] =
      tx === undefined || rx === undefined || tx === '-' || rx === '-'
        ? null
        : {
            txBytes: Number(tx),
            rxBytes: Number(rx),
            ifindex: numberOr(ifindex),
            carrier: carrier === '-' ? null : carrier === '1',
          };
  }
  const uptimeS = parseUptime(uptime);
  return { uptimeS, clockS: uptimeS, devices };
}

const numberOr = (text: string | undefined): number | null => (text === undefined || !/^\d+$/.test(text) ? null : Number(text));
