// Pure: single values of a hook, whoever wrote them: the plugin itself with all its properties, or a template that makes text of everything.

/** A moment; the plugin gives 100 ns. */
export type Moment = {
  /** UTC ms, cut. */
  readonly ms: number;
  /** 100 ns since 1970. */
  readonly ticks: bigint;
};

/** Each answers with null where nothing is said: no such key, null, or empty text. Names are found in any case; of several names the first that says something. */
export type HookFields = {
  text(...names: readonly string[]): string | null;
  number(...names: readonly string[]): number | null;
  flag(...names: readonly string[]): boolean | null;
  /** 32 hex digits in small letters. */
  id(name: string): string | null;
  moment(name: string): Moment | null;
  /** Ms, from ticks of 100 ns. */
  ticks(name: string): number | null;
  /** Texts of all keys that begin so, by the rest of the name, in small letters. */
  startingWith(prefix: string): Readonly<Record<string, string>>;
  has(name: string): boolean;
};

const NO_ID = '0'.repeat(32);

/** @param isWhole all properties by the plugin itself: entities in it are what the title has */
export function hookFields(hook: Readonly<Record<string, unknown>>, isWhole: boolean): HookFields {
  const values = new Map(Object.entries(hook).map(([name, value]) => [name.toLowerCase(), value]));
  const asText = (value: unknown): string | null => textOf(value, isWhole);
  const find = <Value>(names: readonly string[], read: (value: unknown) => Value | null): Value | null => {
    for (const name of names) {
      const value = read(values.get(name.toLowerCase()));
      if (value !== null) return value;
    }
    return null;
  };
  return {
    text: (...names) => find(names, asText),
    number: (...names) => find(names, numberOf),
    flag: (...names) => find(names, flagOf),
    id: (name) => find([name], idOf),
    moment: (name) => find([name], momentOf),
    ticks(name) {
      const ticks = find([name], numberOf);
      return ticks === null || ticks < 0 ? null : Math.floor(ticks / 10_000);
    },
    startingWith(prefix) {
      const found: [string, string][] = [];
      for (const [name, value] of values) {
        const text = name.startsWith(prefix.toLowerCase()) ? asText(value) : null;
        if (text !== null) found.push([name.slice(prefix.length), text]);
      }
      return Object.fromEntries(found);
    },
    has: (name) => values.has(name.toLowerCase()),
  };
}

const NAMED: Readonly<Record<string, string>> = { quot: '"', apos: "'", amp: '&', lt: '<', gt: '>' };

/** The plugin puts a backslash before each quote of a title and nothing else; `{{x}}` in a template makes entities, `{{{x}}}` does not. */
function textOf(value: unknown, isWhole: boolean): string | null {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return null;
  const plain = isWhole ? value : value.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, entity);
  const text = plain.replaceAll('\\"', '"').trim();
  return text === '' ? null : text;
}

function entity(found: string, decimal: string | undefined, hex: string | undefined, name: string | undefined): string {
  if (name !== undefined) return (Object.hasOwn(NAMED, name) ? NAMED[name] : undefined) ?? found;
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : found;
}

function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  // Some cultures of .NET write a comma.
  const text = typeof value === 'string' ? value.trim().replace(',', '.') : '';
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : null;
}

function flagOf(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' || typeof value === 'number' ? String(value).trim().toLowerCase() : '';
  if (word === 'true' || word === '1') return true;
  return word === 'false' || word === '0' ? false : null;
}

function idOf(value: unknown): string | null {
  const id = typeof value === 'string' ? value.trim().replaceAll('-', '').toLowerCase() : '';
  return /^[0-9a-f]{32}$/.test(id) && id !== NO_ID ? id : null;
}

const MOMENT = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))?$/i;

/** Without an offset it is UTC. Before 1970: what .NET writes for "never". */
function momentOf(value: unknown): Moment | null {
  const match = typeof value === 'string' ? MOMENT.exec(value.trim()) : null;
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const offset = (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0)) * 60_000 * (match[8] === '-' ? -1 : 1);
  const wholeMs = Date.UTC(year, month - 1, day, hour, minute, second) - offset;
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || wholeMs < 0) return null;
  const ticks = BigInt(wholeMs) * 10_000n + BigInt((match[7] ?? '').padEnd(7, '0').slice(0, 7));
  return { ms: Number(ticks / 10_000n), ticks };
}
