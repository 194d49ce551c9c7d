// In place of the package webrtc-polyfill, which webtorrent always imports: that one needs a native add-on whose install fetches from GitHub
// and compiles. Peers in browsers are none of ours, and without these three webtorrent says WEBRTC_SUPPORT = false and goes on.
export const RTCPeerConnection = undefined;
export const RTCSessionDescription = undefined;
export const RTCIceCandidate = undefined;
// biome-ignore lint/style/noDefaultExport: simple-peer imports the default.
export default {};
