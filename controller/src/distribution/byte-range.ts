// Pure: one range of bytes as HTTP has it (RFC 9110, 14).

export type ByteRange = { readonly from: number; readonly to: number };

/**
 * Both ends are in it. `whole`: no range was asked for, or one that may be passed over (another unit, several, not well-formed). `none`: nothing of it is there.
 */
export function byteRange(header: string | null, size: number): ByteRange | 'whole' | 'none' {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return 'whole';
  if (first === '') return Number(last) === 0 || size === 0 ? 'none' : { from: Math.max(0, size - Number(last)), to: size - 1 };
  const [from, to] = [Number(first), last === '' ? size - 1 : Math.min(Number(last), size - 1)];
  if (last !== '' && Number(last) < from) return 'whole';
  return from >= size ? 'none' : { from, to };
}
