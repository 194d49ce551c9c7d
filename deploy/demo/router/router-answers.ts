// What the simulated router's programs print, in the form of recordings/openwrt: netifd's dump, device status, /proc/net/dev. Pure.
export type SimulatedWan = {
  readonly name: string;
  readonly device: string;
  readonly l3Device: string;
  readonly proto: string;
  readonly metric: number;
  readonly address: string;
  readonly ifindex: number;
  readonly up: boolean;
  readonly carrier: boolean;
};
export type Counters = { readonly txBytes: number; readonly rxBytes: number };

const empty = { 'ipv4-address': [], 'ipv6-address': [], route: [], 'dns-server': [], 'dns-search': [], neighbors: [] };

/** `network.interface dump`: a down interface has only a few keys. */
export function interfaceDump(wans: readonly SimulatedWan[], uptimeS: number): unknown {
  const uptime = Math.floor(uptimeS);
  const settled = { pending: false, autostart: true, dynamic: false };
  const up = {
    up: true,
    available: true,
    ...settled,
    uptime,
    dns_metric: 0,
    delegation: true,
    'ipv6-prefix': [],
    'ipv6-prefix-assignment': [],
  };
  const loopback = {
    interface: 'loopback',
    ...up,
    l3_device: 'lo',
    proto: 'static',
    device: 'lo',
    metric: 0,
    ...empty,
    'ipv4-address': [{ address: '127.0.0.1', mask: 8 }],
    inactive: empty,
    data: {},
  };
  const lan = {
    interface: 'lan',
    ...up,
    l3_device: 'br-lan',
    proto: 'static',
    device: 'br-lan',
    metric: 0,
    ...empty,
    'ipv4-address': [{ address: '192.168.1.1', mask: 24 }],
    inactive: empty,
    data: {},
  };
  return { interface: [lan, loopback, ...wans.map((wan) => (wan.up ? upWan(wan, up) : downWan(wan, settled)))] };
}

const upWan = (wan: SimulatedWan, up: object): unknown => ({
  interface: wan.name,
  ...up,
  l3_device: wan.l3Device,
  proto: wan.proto,
  device: wan.device,
  updated: ['addresses', 'routes'],
  metric: wan.metric,
  ...empty,
  'ipv4-address': [{ address: wan.address, mask: 24 }],
  route: [{ target: '0.0.0.0', mask: 0, nexthop: '203.0.113.1', source: '0.0.0.0/0' }],
  inactive: empty,
  data: {},
});

const downWan = (wan: SimulatedWan, settled: object): unknown => ({
  interface: wan.name,
  up: false,
  available: true,
  ...settled,
  proto: wan.proto,
  device: wan.device,
  data: {},
  errors: [{ subsystem: 'interface', code: 'NO_DEVICE' }],
});

/** `network.device status` of one device, with the counters that netifd reads from sysfs. */
export const deviceStatus = (carrier: boolean, { txBytes, rxBytes }: Counters): unknown => ({
  external: false,
  present: true,
  type: 'Network device',
  up: true,
  carrier,
  speed: '1000F',
  autoneg: true,
  devtype: 'ethernet',
  mtu: 1500,
  macaddr: '62:30:48:eb:cb:84',
  statistics: {
    collisions: 0,
    multicast: 0,
    rx_bytes: rxBytes,
    rx_packets: Math.floor(rxBytes / 1250),
    rx_errors: 0,
    rx_dropped: 0,
    tx_bytes: txBytes,
    tx_packets: Math.floor(txBytes / 1250),
    tx_errors: 0,
    tx_dropped: 0,
  },
});

export function procNetDev(devices: ReadonlyMap<string, Counters>): string {
  const head = `Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n`;
  const lines = [...devices].map(
    ([name, { txBytes, rxBytes }]) =>
      `${name.padStart(6)}: ${rxBytes} ${Math.floor(rxBytes / 1250)}    0    0    0     0          0         0 ${txBytes} ${Math.floor(txBytes / 1250)}    0    0    0     0       0          0\n`,
  );
  return head + lines.join('');
}
