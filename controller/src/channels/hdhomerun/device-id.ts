// Pure: an HDHomeRun's device id, eight hex digits with the check that Plex and Silicondust's own tools do (libhdhomerun, hdhomerun_discover_validate_device_id).

const LOOKUP = [0xa, 0x5, 0xf, 0x6, 0x7, 0xc, 0x1, 0xb, 0x9, 0x2, 0x8, 0xd, 0x4, 0x3, 0xe, 0x0];

/** @param instance hex digits that stay for this installation; the first six count. In the range of real tuners (10…). */
export function deviceId(instance: string): string {
  const digits = `10${instance
    .toLowerCase()
    .replace(/[^0-9a-f]/g, '')
    .padEnd(5, '0')
    .slice(0, 5)}`;
  return `${digits}${checksum(`${digits}0`).toString(16)}`.toUpperCase();
}

export const isDeviceId = (id: string): boolean => /^[0-9A-F]{8}$/i.test(id) && checksum(id) === 0;

/** Every other digit through the table, all by exclusive or; 0 for a right id. */
const checksum = (id: string): number =>
  [...id].reduce((sum, digit, index) => {
    const value = Number.parseInt(digit, 16);
    return sum ^ (index % 2 === 0 ? (LOOKUP[value] ?? 0) : value);
  }, 0);
