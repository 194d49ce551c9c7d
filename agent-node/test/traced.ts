// What a program asked the kernel for: addresses that it spoke to, and paths that it changed, with all its threads and children. By strace.
import { readFileSync } from 'node:fs';

const CALLS = [
  'connect,sendto,sendmsg,sendmmsg',
  'open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat',
  'unlink,unlinkat,rmdir,truncate,chmod,fchmodat,chown,lchown,fchownat,utimensat,mknod,mknodat',
].join(',');
/** An open that may write, or a call that changes what its paths name. */
const CHANGES =
  /^(?:(?:open|openat|openat2)\(.*O_(?:WRONLY|RDWR|CREAT|TRUNC)|(?:creat|mkdir|rename|link|symlink|unlink|rmdir|truncate|chmod|fchmod|chown|lchown|fchown|utimens|mknod)\w*\()/;
const ADDRESS = /sin6?_port=htons\((\d+)\).*?(?:inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)")/;

export type Traced = {
  /** `address:port`, TCP and UDP, each once. */
  readonly spokenTo: readonly string[];
  /** Each once, in any order. */
  readonly changed: readonly string[];
};

/** To be put before the program and its arguments. */
export const traceInto = (file: string): readonly string[] => [
  'strace',
  ...['--follow-forks', '--seccomp-bpf', '--quiet=all', '--signal=none', '--string-limit=4096'],
  ...['--trace', CALLS, '--output', file],
];

/** Of what ended: a file that is written to still lacks lines. */
export function readTrace(file: string): Traced {
  const calls = readFileSync(file, 'latin1')
    .split('\n')
    .map((line) => line.replace(/^\d+ +/, ''));
  const spokenTo = calls.flatMap((call) => {
    const [, port, v4, v6] = ADDRESS.exec(call) ?? [];
    return port === undefined ? [] : [`${v4 ?? v6}:${port}`];
  });
  const changed = calls
    .filter((call) => CHANGES.test(call))
    .flatMap((call) => [...call.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, path = '']) => path));
  return { spokenTo: [...new Set(spokenTo)], changed: [...new Set(changed)] };
}
