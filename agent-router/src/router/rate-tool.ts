// Tools that set a shaper's rate themselves: how one that runs is recognised on a router, with nothing installed and nothing started.

export const RATE_TOOLS = ['cake-autorate', 'sqm-autorate'] as const;
export type RateTool = (typeof RATE_TOOLS)[number];

/**
 * cake-autorate makes a folder per instance here, however it was started, and removes it at its end. After a kill it stays behind with the
 * number of a process that is no more in `proc_pids` (`main=…`); that file comes a little after the folder (cake-autorate.sh 3.2 to 3.5).
 */
export const CAKE_AUTORATE_FOLDER = '/var/run/cake-autorate';
/** procd writes it and takes it away again (sqm-autorate's service file). */
const SQM_AUTORATE_PID = '/var/run/sqm-autorate.pid';

/** What a look at the router's files needs. Both answer with nothing where there is nothing to be read. */
type Files = {
  readonly list: (folder: string) => Promise<readonly string[]>;
  readonly read: (file: string) => Promise<string | null>;
};

/** Which tool runs; false where none does. A folder that does not say whose it is counts as a tool that starts. */
export async function findRateTool({ list, read }: Files): Promise<RateTool | false> {
  const lives = async (pid: string): Promise<boolean> => /^\d+$/.test(pid) && (await read(`/proc/${pid}/stat`)) !== null;
  for (const instance of await list(CAKE_AUTORATE_FOLDER)) {
    if (instance.startsWith('.')) continue;
    const pids = (await read(`${CAKE_AUTORATE_FOLDER}/${instance}/proc_pids`)) ?? '';
    const main = /^main=(\d+)$/m.exec(pids)?.[1];
    if (main === undefined || (await lives(main))) return 'cake-autorate';
  }
  return (await lives(((await read(SQM_AUTORATE_PID)) ?? '').trim())) ? 'sqm-autorate' : false;
}

/**
 * The same as a shell function `hg_tool` that prints its answer, of BusyBox's own words alone: no process is started on the router.
 * @param root the shell's word for where the router's file system begins
 */
export const rateToolInShell = (root: string): string => `hg_lives() { [ -n "$1" ] && [ -e "${root}/proc/$1/stat" ]; }
hg_tool() {
  for hg_f in "${root}${CAKE_AUTORATE_FOLDER}"/*; do
    [ -e "$hg_f" ] || continue
    hg_m=
    if [ -r "$hg_f/proc_pids" ]; then
      while read -r hg_l; do case $hg_l in main=[0-9]*) hg_m=\${hg_l#main=} ;; esac; done <"$hg_f/proc_pids"
    fi
    [ -z "$hg_m" ] || hg_lives "$hg_m" || continue
    echo cake-autorate; return 0
  done
  hg_m=; [ ! -r "${root}${SQM_AUTORATE_PID}" ] || read -r hg_m <"${root}${SQM_AUTORATE_PID}"
  hg_lives "$hg_m" && echo sqm-autorate
  return 0
}`;
