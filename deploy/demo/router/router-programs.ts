// The simulated router's programs as BusyBox scripts: ubus, uci, tc and /etc/init.d/sqm, each as strict as the real one where the agent can notice.
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What an OpenWrt image has of BusyBox; nothing else is on the simulated router's PATH. */
const APPLETS = [
  'sh',
  'ls',
  'cat',
  'sed',
  'grep',
  'rm',
  'mv',
  'cp',
  'mkdir',
  'sleep',
  'true',
  'false',
  'echo',
  'printf',
  'touch',
];
const BUSYBOX = ['/usr/bin/busybox', '/bin/busybox'];

/** The shell of the router and the PATH that its programs see. Without BusyBox on this machine its own sh plays the part. */
export type RouterShell = { readonly sh: string; readonly path: string };

/** Writes the programs under `root` and answers how to run them. */
export function writePrograms(root: string): RouterShell {
  const bin = join(root, 'bin');
  for (const folder of ['bin', 'sbin', 'etc/init.d', 'etc/config', 'state', 'tmp/.uci', 'proc/net', 'var/run'])
    mkdirSync(join(root, folder), { recursive: true });
  const busybox = BUSYBOX.find((path) => existsSync(path));
  if (busybox !== undefined) for (const applet of APPLETS) symlinkSync(busybox, join(bin, applet));
  const sh = busybox === undefined ? '/bin/sh' : join(bin, 'sh');
  const path = busybox === undefined ? `${bin}:/usr/bin:/bin` : bin;
  for (const [name, text] of Object.entries(programs)) {
    const file = join(root, name);
    writeFileSync(file, `#!${sh}\nR='${root}'\nPATH='${path}'\n${text}`);
    chmodSync(file, 0o755);
  }
  return { sh, path };
}

const programs = {
  // Not on the PATH: Debian's BusyBox has a tc of its own, and its shell would take that one.
  'sbin/tc': `[ "$*" = "-s -j qdisc show" ] || { echo 'Usage: tc ...' >&2; exit 1; }
[ -e "$R/state/tc-broken" ] && { echo 'qdisc cake 8001: root'; exit 0; }
cat "$R/state/tc.json"
`,
  // The command line tool ends with ubus's status: 4 is "not found", 3 "method not found".
  'bin/ubus': `[ "$1" = call ] || exit 1
case "$2 $3" in
  'network.interface dump') cat "$R/state/dump.json" ;;
  'system board') cat "$R/state/board.json" ;;
  'service list') cat "$R/state/services.json" ;;
  'network.interface '*|'system '*|'service '*) exit 3 ;;
  *) exit 4 ;;
esac
`,
  // Changes wait in /tmp/.uci until a commit; a section that is not there cannot be set.
  'bin/uci': `[ "$1" = -q ] && { shift; exec 2>/dev/null; }
cmd=$1; arg=$2; pkg=\${arg%%.*}; staged="$R/tmp/.uci/$pkg"; kept="$R/etc/config/$pkg"
now=$kept; [ -e "$staged" ] && now=$staged
missing() { echo 'uci: Entry not found' >&2; exit 1; }
case $cmd in
  show) [ -e "$now" ] || missing; cat "$now" ;;
  set)
    key=\${arg%%=*}; value=\${arg#*=}
    [ -e "$kept" ] && grep -q "^\${key%.*}=" "$now" || missing
    [ -e "$staged" ] || cp "$kept" "$staged"
    sed -e "/^$key=/d" "$staged" > "$staged.new"; echo "$key='$value'" >> "$staged.new"; mv "$staged.new" "$staged"
    echo "set $key=$value" >> "$R/state/writes" ;;
  commit) [ -e "$staged" ] && { mv "$staged" "$kept"; echo "commit $pkg" >> "$R/state/writes"; }; true ;;
  revert) rm -f "$staged" ;;
  *) exit 1 ;;
esac
`,
  'etc/init.d/sqm': `case $1 in
  reload|restart|start) [ -e "$R/etc/config/sqm" ] || exit 1; echo "reload" >> "$R/state/writes" ;;
  *) exit 1 ;;
esac
`,
} as const;
