// What each npm script needs from the machine: programs, and the Debian package that brings each of them.

/**
 * @typedef {{ program: string, package: string }} Need
 */

/** @type {Readonly<Record<string, Need>>} */
const programs = {
  torrents: { program: 'qbittorrent-nox', package: 'qbittorrent-nox' },
  transmission: { program: 'transmission-daemon', package: 'transmission-daemon' },
  deluge: { program: 'deluged', package: 'deluged' },
  delugeWeb: { program: 'deluge-web', package: 'deluge-web' },
  torrentPeer: { program: 'aria2c', package: 'aria2' },
  broker: { program: 'mosquitto', package: 'mosquitto' },
  sshServer: { program: 'dropbear', package: 'dropbear-bin' },
  sshClient: { program: 'ssh', package: 'openssh-client' },
  router: { program: 'busybox', package: 'busybox-static' },
  video: { program: 'ffmpeg', package: 'ffmpeg' },
  guideCheck: { program: 'tv_validate_file', package: 'xmltv-util' },
  // For what a program of today's homes, in Python, does in the same run.
  formerServer: { program: 'flask', package: 'python3-flask' },
  arm64: { program: 'qemu-aarch64-static', package: 'qemu-user-static' },
  // Its loader, as seen from a folder of programs.
  arm64Libraries: { program: '../aarch64-linux-gnu/lib/ld-linux-aarch64.so.1', package: 'libstdc++6-arm64-cross' },
  systemCalls: { program: 'strace', package: 'strace' },
  trafficControl: { program: 'tc', package: 'iproute2' },
};

const clients = [programs.torrents, programs.transmission, programs.deluge, programs.delugeWeb];

/**
 * The one table. A task that is not in it needs Node and the npm packages only.
 * Without its programs a test fails; the demo runs, with a simulator in qbittorrent-nox's place.
 * @type {Readonly<Record<string, readonly Need[]>>}
 */
export const needs = {
  test: [
    ...clients,
    programs.torrentPeer,
    programs.broker,
    programs.sshServer,
    programs.sshClient,
    programs.router,
    programs.trafficControl,
    programs.systemCalls,
    programs.video,
    programs.guideCheck,
  ],
  soak: [
    ...clients,
    programs.broker,
    programs.sshServer,
    programs.router,
    programs.video,
    programs.arm64,
    programs.arm64Libraries,
  ],
  bench: [
    ...clients,
    programs.torrentPeer,
    programs.broker,
    programs.sshServer,
    programs.router,
    programs.video,
    programs.formerServer,
  ],
  demo: [programs.torrents, programs.video],
};
