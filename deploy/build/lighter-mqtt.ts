// esbuild plugin: leaves out what MQTT.js 5 brings for browsers, old Nodes and SOCKS proxies. It saves a router 180 KiB of flash.
import type { Plugin } from 'esbuild';

/** Asked for only with a socksProxy option, or where `timerVariant` is a browser's. */
const UNUSED = /^(socks|worker-timers)$/;

export const lighterMqtt: Plugin = {
  name: 'lighter-mqtt',
  setup(build) {
    // readable-stream is Node's own streams of an older day, for those who have none.
    build.onResolve({ filter: /^readable-stream$/ }, () => ({ path: 'node:stream', external: true }));
    build.onResolve({ filter: UNUSED }, ({ path }) => ({ path, namespace: 'unused' }));
    build.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};
