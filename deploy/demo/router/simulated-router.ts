// The simulated router itself: a folder that looks like one, kept true to a line's state. ssh and ubus both show this.
import { type Autorate, type AutorateOptions, createAutorate } from './cake-autorate.ts';
import { deviceStatus, interfaceDump, type SimulatedWan } from './router-answers.ts';
import { createRouterFolder, type DeviceState, type RouterFolder } from './router-folder.ts';
import { type RouterShell, writePrograms } from './router-programs.ts';
import { createSimulatedLine } from './simulated-line.ts';
import { type Queue, qdiscs } from './tc-answer.ts';

export type RouterOptions = {
  readonly uploadKbit?: number;
  readonly downloadKbit?: number;
  /** `none`: the SQM package is not installed. */
  readonly queue?: Queue;
  /** How the first WAN gets its address; `pppoe` puts pppoe-wan over eth1. */
  readonly proto?: 'static' | 'dhcp' | 'pppoe';
};

type WanChange = Partial<Pick<SimulatedWan, 'up' | 'carrier' | 'ifindex'>>;

export type SimulatedRouter = Pick<RouterFolder, 'writes' | 'note' | 'showTool' | 'setHardwareOffload' | 'setPlainTc'> & {
  readonly root: string;
  readonly shell: RouterShell;
  /** Brings the folder up to this moment; called before anything of it is read. */
  refresh(): void;
  uptimeS(): number;
  devices(): ReadonlyMap<string, DeviceState>;
  /** netifd's `network.device status`; undefined for a device that is not there. */
  status(device: string): unknown;
  /** bit/s that the home wants to send and fetch; the shaper lets no more through than its rate. */
  setTraffic(upBps: number, downBps: number): void;
  /** As a person in LuCI does: UCI, commit, reload. */
  setShaper(uploadKbit: number, downloadKbit: number): void;
  /** What UCI has now. */
  shaper(): { uploadKbit: number; downloadKbit: number };
  /** What tc has now; autorate tools change it without touching UCI. */
  liveKbit(): { uploadKbit: number; downloadKbit: number };
  /** cake-autorate starts (over one that runs: with other rates), or ends and leaves the rate where it is. */
  setAutorate(runs: boolean, options?: Partial<AutorateOptions>): void;
  setWan(name: string, change: WanChange): void;
  resetCounters(): void;
  /** Uptime and counters start anew; what was committed comes back, what was only staged is lost. */
  restart(): void;
};

const BOARD = {
  kernel: '6.6.110',
  hostname: 'OpenWrt',
  system: 'ARMv8 Processor rev 4',
  model: 'GL.iNet GL-MT6000',
  board_name: 'glinet,gl-mt6000',
  release: {
    distribution: 'OpenWrt',
    version: '24.10.5',
    revision: 'r29087',
    target: 'mediatek/filogic',
    description: 'OpenWrt 24.10.5 r29087',
  },
};
const nowS = (): number => performance.now() / 1000;

/** @param root an empty folder that the caller removes */
export function createSimulatedRouter(root: string, options: RouterOptions = {}): SimulatedRouter {
  const { uploadKbit = 42_000, downloadKbit = 250_000, queue = 'cake', proto = 'dhcp' } = options;
  const l3Device = proto === 'pppoe' ? 'pppoe-wan' : 'eth1';
  let wans: readonly SimulatedWan[] = twoWans(l3Device, proto);
  let bootedS = nowS() - 1_048;
  let reloadsSeen = 0;
  let autorate: Autorate | undefined;
  const shell = writePrograms(root);
  const folder = createRouterFolder(root);
  const line = createSimulatedLine(nowS());
  const uptimeS = (): number => nowS() - bootedS;
  const loadLive = (): void => line.setLive(folder.rates().uploadKbit, folder.rates().downloadKbit, nowS());
  const reloads = (): number => folder.writes().filter((one) => one === 'reload').length;
  // One moment for all that is told: a program reads uptime and counters a little after each other.
  let devices: ReadonlyMap<string, DeviceState> = new Map();
  const refresh = (): void => {
    if (reloads() !== reloadsSeen) loadLive();
    reloadsSeen = reloads();
    const rate = autorate?.advance(nowS(), line.now().offeredKbit);
    if (rate !== undefined && queue === 'cake') line.changeLive(rate, nowS());
    const { up, down } = line.read(nowS());
    const uptime = uptimeS();
    devices = deviceStates(wans, { txBytes: up.bytes, rxBytes: down.bytes });
    folder.writeKernelFiles(uptime, devices);
    folder.put('state/tc.json', `${JSON.stringify(qdiscs(queue, l3Device, up.qdisc, down.qdisc))}\n`);
    folder.put('state/dump.json', JSON.stringify(interfaceDump(wans, uptime)));
  };
  const setShaper = (up: number, down: number): void => {
    if (queue !== 'none') folder.writeSqm(l3Device, queue, { uploadKbit: up, downloadKbit: down });
    loadLive();
  };
  folder.put('state/board.json', JSON.stringify(BOARD));
  folder.put('state/services.json', '{}');
  folder.setHardwareOffload(false);
  setShaper(uploadKbit, downloadKbit);
  refresh();
  const { writes, note, showTool, setHardwareOffload, setPlainTc } = folder;
  return {
    ...{ root, shell, refresh, uptimeS, devices: () => devices, setShaper },
    ...{ writes, note, showTool, setHardwareOffload, setPlainTc },
    status: (name) => {
      const one = devices.get(name);
      return one && deviceStatus(one.carrier, one);
    },
    setTraffic: (upBps, downBps) => line.setOffered(upBps, downBps, nowS()),
    shaper: () => folder.rates(),
    liveKbit() {
      refresh();
      const { upKbit, downKbit } = line.now();
      return { uploadKbit: upKbit, downloadKbit: downKbit };
    },
    setAutorate(runs, change = {}) {
      folder.showTool('cake-autorate', runs ? 'runs' : 'ended');
      const options = { minKbit: uploadKbit / 4, baseKbit: uploadKbit / 2, maxKbit: uploadKbit, lineKbit: uploadKbit, ...change };
      autorate = runs ? createAutorate(options, nowS()) : undefined;
    },
    setWan(name, change) {
      wans = wans.map((wan) => (wan.name === name ? { ...wan, ...change } : wan));
    },
    resetCounters: () => line.resetCounters(nowS()),
    restart() {
      bootedS = nowS();
      folder.loseStaged();
      line.resetCounters(nowS());
      loadLive();
    },
  };
}

/** `wan` is up; `wanb` is there for a failover. */
const twoWans = (l3Device: string, proto: string): readonly SimulatedWan[] => [
  { name: 'wan', device: 'eth1', l3Device, proto, metric: 10, address: '203.0.113.2', ifindex: 4, up: true, carrier: true },
  {
    name: 'wanb',
    device: 'eth2',
    l3Device: 'eth2',
    proto: 'dhcp',
    metric: 20,
    address: '198.51.100.7',
    ifindex: 9,
    up: false,
    carrier: true,
  },
];

/** The traffic goes over the WAN with the lowest metric; a PPPoE device is there only while its WAN is up. */
function deviceStates(
  wans: readonly SimulatedWan[],
  busy: { txBytes: number; rxBytes: number },
): ReadonlyMap<string, DeviceState> {
  const [primary] = wans.filter((wan) => wan.up).sort((a, b) => a.metric - b.metric);
  const known = new Map<string, DeviceState>([['lo', { txBytes: 26805, rxBytes: 26805, carrier: true, ifindex: 1 }]]);
  for (const wan of wans) {
    const counted = wan === primary ? busy : { txBytes: 0, rxBytes: 0 };
    const plain = wan.l3Device === wan.device;
    known.set(wan.device, { ...counted, carrier: wan.carrier, ifindex: plain ? wan.ifindex : 3 });
    if (!plain && wan.up) known.set(wan.l3Device, { ...counted, carrier: true, ifindex: wan.ifindex });
  }
  return known;
}
