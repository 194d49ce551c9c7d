// The simulated router's disk: UCI files, the log of changes, cake-autorate's run folder, and the files that a kernel would make up.
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HowItRuns, type RateTool, showTool } from './rate-tool-files.ts';
import { type Counters, procNetDev } from './router-answers.ts';

export type DeviceState = Counters & { readonly carrier: boolean; readonly ifindex: number };
export type RouterFolder = ReturnType<typeof createRouterFolder>;

/** @param root an empty folder */
export function createRouterFolder(root: string) {
  const file = (path: string): string => join(root, path);
  const put = (path: string, text: string): void => writeFileSync(file(path), text);
  const read = (path: string): string => (existsSync(file(path)) ? readFileSync(file(path), 'utf8') : '');
  const kbit = (key: string): number => Number(new RegExp(`\\.${key}='(\\d+)'`).exec(read('etc/config/sqm'))?.[1] ?? 0);
  return {
    put,
    /** kbit/s in UCI; 0 without SQM. */
    rates: () => ({ uploadKbit: kbit('upload'), downloadKbit: kbit('download') }),
    writeSqm(device: string, qdisc: string, { uploadKbit, downloadKbit }: { uploadKbit: number; downloadKbit: number }): void {
      const script = qdisc === 'cake' ? 'piece_of_cake.qos' : 'simple.qos';
      const values = {
        enabled: '1',
        interface: device,
        download: downloadKbit,
        upload: uploadKbit,
        qdisc,
        script,
        linklayer: 'none',
        overhead: '44',
      };
      put(
        'etc/config/sqm',
        `sqm.eth1=queue\n${Object.entries(values)
          .map(([key, value]) => `sqm.eth1.${key}='${value}'\n`)
          .join('')}`,
      );
    },
    setHardwareOffload(on: boolean): void {
      const flags = on ? "firewall.@defaults[0].flow_offloading='1'\nfirewall.@defaults[0].flow_offloading_hw='1'\n" : '';
      put('etc/config/firewall', `firewall.@defaults[0]=defaults\n${flags}`);
    },
    showTool: (tool: RateTool, how: HowItRuns): void => showTool(root, tool, how),
    /** tc of an old iproute2: text whatever was asked. */
    setPlainTc(on: boolean): void {
      if (on) put('state/tc-broken', '');
      else rmSync(file('state/tc-broken'), { force: true });
    },
    /** Every change that anybody asked of the router, in order: `set …`, `commit …`, `reload`. */
    writes: (): readonly string[] => read('state/writes').split('\n').filter(Boolean),
    note: (write: string): void => appendFileSync(file('state/writes'), `${write}\n`),
    /** /tmp is in memory: what was only staged is lost at a restart. */
    loseStaged(): void {
      rmSync(file('tmp/.uci'), { recursive: true, force: true });
      mkdirSync(file('tmp/.uci'));
    },
    writeKernelFiles(uptimeS: number, devices: ReadonlyMap<string, DeviceState>): void {
      put('proc/uptime', `${uptimeS.toFixed(2)} 4000.00\n`);
      put('proc/net/dev', procNetDev(devices));
      for (const name of existsSync(file('sys/class/net')) ? readdirSync(file('sys/class/net')) : [])
        if (!devices.has(name)) rmSync(file(`sys/class/net/${name}`), { recursive: true });
      for (const [name, { txBytes, rxBytes, carrier, ifindex }] of devices) {
        mkdirSync(file(`sys/class/net/${name}/statistics`), { recursive: true });
        put(`sys/class/net/${name}/statistics/tx_bytes`, `${txBytes}\n`);
        put(`sys/class/net/${name}/statistics/rx_bytes`, `${rxBytes}\n`);
        put(`sys/class/net/${name}/ifindex`, `${ifindex}\n`);
        put(`sys/class/net/${name}/carrier`, `${carrier ? 1 : 0}\n`);
      }
    },
  };
}
