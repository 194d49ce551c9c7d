// One simulated OpenWrt router that answers over ssh and over ubus at once: for the demo, and for tests of agent and controller.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSimulatedRouter, type RouterOptions, type SimulatedRouter } from './simulated-router.ts';
import { startSshServer } from './ssh-server.ts';
import type { Acl } from './ubus-rights.ts';
import { startUbusServer } from './ubus-server.ts';

export type RouterSimulatorOptions = RouterOptions & {
  /** The ubus login has the ACL's write half, so that shaper orders work over ubus too. */
  readonly mayWrite?: boolean;
  /** Another ACL than the one that deploy/openwrt ships. */
  readonly acl?: Acl;
};

export type RouterSimulator = AsyncDisposable &
  Pick<
    SimulatedRouter,
    | 'root'
    | 'shell'
    | 'refresh'
    | 'setTraffic'
    | 'setShaper'
    | 'shaper'
    | 'setWan'
    | 'resetCounters'
    | 'setAutorate'
    | 'showTool'
    | 'liveKbit'
    | 'setHardwareOffload'
    | 'setPlainTc'
    | 'writes'
  > & {
    readonly username: string;
    readonly password: string;
    readonly sshPort: number;
    /** For `router.host_key`. */
    readonly hostKeyFingerprint: string;
    /** Text of a private key that may log in by ssh. */
    readonly privateKey: string;
    readonly ubusUrl: string;
    /** Ends all connections and refuses new ones. */
    cut(): Promise<void>;
    /** Takes connections again, after `cut` or `freeze`. */
    heal(): Promise<void>;
    /** Answers nothing any more, but stays connected. */
    freeze(): void;
    /** Connections end, uptime and counters start anew, sessions are forgotten; it answers again at once. */
    reboot(): Promise<void>;
    /** Every ubus session ends, as when rpcd restarts or a session expires. */
    forgetSessions(): void;
    ubusCalls(): readonly string[];
    ubusSessions(): number;
  };

/** Listens on loopback, on ports of the system's choice. No traffic until `setTraffic`. */
export async function startRouterSimulator(options: RouterSimulatorOptions = {}): Promise<RouterSimulator> {
  const root = await mkdtemp(join(tmpdir(), 'headgate-router-'));
  const router = createSimulatedRouter(root, options);
  const account = { username: 'headgate', password: 'a-router-password' };
  const acl =
    options.acl ?? (JSON.parse(await readFile(new URL('../../openwrt/headgate-acl.json', import.meta.url), 'utf8')) as Acl);
  const ssh = await startSshServer(router, account);
  const ubus = await startUbusServer(router, acl, { ...account, mayWrite: options.mayWrite ?? false });
  const cut = async (): Promise<void> => void (await Promise.all([ssh.cut(), ubus.cut()]));
  const heal = async (): Promise<void> => void (await Promise.all([ssh.heal(), ubus.heal()]));
  const {
    shell,
    refresh,
    setTraffic,
    setShaper,
    shaper,
    setWan,
    resetCounters,
    setAutorate,
    showTool,
    liveKbit,
    setHardwareOffload,
    setPlainTc,
    writes,
  } = router;
  return {
    ...{
      root,
      shell,
      refresh,
      setTraffic,
      setShaper,
      shaper,
      setWan,
      resetCounters,
      setAutorate,
      showTool,
      liveKbit,
      setHardwareOffload,
      setPlainTc,
      writes,
    },
    ...account,
    sshPort: ssh.port,
    hostKeyFingerprint: ssh.hostKeyFingerprint,
    privateKey: ssh.privateKey,
    ubusUrl: ubus.url,
    cut,
    heal,
    freeze() {
      ssh.freeze();
      ubus.freeze();
    },
    async reboot() {
      await cut();
      router.restart();
      ubus.forgetSessions();
      await heal();
    },
    forgetSessions: ubus.forgetSessions,
    ubusCalls: ubus.calls,
    ubusSessions: ubus.sessions,
    async [Symbol.asyncDispose]() {
      await cut();
      await rm(root, { recursive: true, force: true });
    },
  };
}
