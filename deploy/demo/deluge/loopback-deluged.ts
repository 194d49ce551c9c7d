// deluged begins with libtorrent's own settings and reads its own a moment later: until then it listens on every address and calls out to the LAN (UPnP, LSD).

/** Debian's deluged as it is, but with a first moment on loopback as well. For python3 -c; arguments follow as for deluged. */
export const loopbackDeluged = (peerPort: number): string => `
from deluge._libtorrent import lt
from deluge.core.daemon_entry import start_daemon
session = lt.session
quiet = dict(listen_interfaces='127.0.0.1:${peerPort}', enable_dht=False, enable_lsd=False, enable_upnp=False, enable_natpmp=False)
lt.session = lambda settings, **rest: session(dict(settings, **quiet), **rest)
start_daemon()
`;
