// Numbers as SABnzbd reads them (sabnzbd/misc.py: from_units, int_conv) and as its Python writes them. Pure.

const units = ['', 'K', 'M', 'G', 'T', 'P'];

/** "1.5M" is 1,572,864; what is no number is 0. */
export const fromUnits = (text: string): number => {
  const trimmed = text.trim().toUpperCase();
  if (trimmed === '-1') return -1;
  const [, digits = '0', unit = ''] = /(\d+\.*\d*)\s*([KMGTP]?)/.exec(trimmed) ?? [];
  const value = Number(digits) * 1024 ** units.indexOf(unit);
  return Number.isFinite(value) ? value : 0;
};

export const intConv = (text: string): number => (/^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : 0);

/** str() of a Python float: 409600 is "409600.0". */
export const floatText = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));
