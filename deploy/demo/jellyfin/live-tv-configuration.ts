// Tuners and guides as the server stores them: what is left out is a default, what is unknown is dropped (facts/jellyfin.md §4). Pure.
import type { JellyfinBehaviour } from './version-behaviour.ts';

export type Tuner = Readonly<Record<string, unknown>> & {
  readonly Id: string;
  readonly Url: string;
  readonly Type: string;
  readonly TunerCount: number;
  readonly EnableStreamLooping: boolean;
  readonly AllowStreamSharing?: boolean;
};

/** Lists may be null where somebody sent null: then the guide breaks. */
export type Provider = Readonly<Record<string, unknown>> & {
  readonly Id: string;
  readonly Type: string;
  readonly Path: string;
  readonly EnableAllTuners: boolean;
  readonly EnabledTuners: readonly string[] | null;
  readonly NewsCategories: readonly string[] | null;
  readonly SportsCategories: readonly string[] | null;
  readonly KidsCategories: readonly string[] | null;
  readonly MovieCategories: readonly string[] | null;
  readonly ChannelMappings: readonly { readonly Name: string; readonly Value: string }[] | null;
  readonly PreferredLanguage?: string;
};

export type LiveTvConfiguration = Readonly<Record<string, unknown>> & {
  readonly TunerHosts: readonly Tuner[];
  readonly ListingProviders: readonly Provider[];
  readonly GuideDays?: number;
};

export const defaultLiveTv: LiveTvConfiguration = {
  EnableRecordingSubfolders: false,
  EnableOriginalAudioWithEncodedRecordings: false,
  TunerHosts: [],
  ListingProviders: [],
  PrePaddingSeconds: 0,
  PostPaddingSeconds: 0,
  MediaLocationsCreated: [],
  RecordingPostProcessorArguments: '"{path}"',
  SaveRecordingNFO: true,
  SaveRecordingImages: true,
};

type Field = readonly [name: string, kind: 'text' | 'bool' | 'int' | 'list', fallback: unknown];

const tunerFields: readonly Field[] = [
  ['Id', 'text', undefined],
  ['Url', 'text', undefined],
  ['Type', 'text', undefined],
  ['DeviceId', 'text', undefined],
  ['FriendlyName', 'text', undefined],
  ['ImportFavoritesOnly', 'bool', false],
  ['AllowHWTranscoding', 'bool', true],
  ['AllowFmp4TranscodingContainer', 'bool', false],
  ['AllowStreamSharing', 'bool', true],
  ['FallbackMaxStreamingBitrate', 'int', 30_000_000],
  ['EnableStreamLooping', 'bool', false],
  ['Source', 'text', undefined],
  ['TunerCount', 'int', 0],
  ['UserAgent', 'text', undefined],
  ['IgnoreDts', 'bool', true],
  ['ReadAtNativeFramerate', 'bool', false],
];

const providerFields: readonly Field[] = [
  ['Id', 'text', undefined],
  ['Type', 'text', undefined],
  ['Username', 'text', undefined],
  ['Password', 'text', undefined],
  ['ListingsId', 'text', undefined],
  ['ZipCode', 'text', undefined],
  ['Country', 'text', undefined],
  ['Path', 'text', undefined],
  ['EnabledTuners', 'list', []],
  ['EnableAllTuners', 'bool', true],
  ['NewsCategories', 'list', ['news', 'journalism', 'documentary', 'current affairs']],
  ['SportsCategories', 'list', ['sports', 'basketball', 'baseball', 'football']],
  ['KidsCategories', 'list', ['kids', 'family', 'children', 'childrens', 'disney']],
  ['MovieCategories', 'list', ['movie']],
  ['ChannelMappings', 'list', []],
  ['MoviePrefix', 'text', undefined],
  ['PreferredLanguage', 'text', undefined],
  ['UserAgent', 'text', undefined],
];

function fits(kind: Field[1], value: unknown): boolean {
  if (kind === 'text') return typeof value === 'string' || value === null;
  if (kind === 'bool') return typeof value === 'boolean';
  if (kind === 'int') return Number.isInteger(value);
  // Null is taken, and breaks the guide later.
  return Array.isArray(value) || value === null;
}

/** The field that the server's parser would refuse, or what is stored. */
function read(
  fields: readonly Field[],
  body: Readonly<Record<string, unknown>>,
): Record<string, unknown> | { readonly wrong: string } {
  const given = new Map(Object.entries(body).map(([name, value]) => [name.toLowerCase(), value]));
  const stored: Record<string, unknown> = {};
  for (const [name, kind, fallback] of fields) {
    const value = given.get(name.toLowerCase());
    if (value !== undefined && !fits(kind, value)) return { wrong: name };
    const kept = value === undefined ? fallback : value;
    if (kept !== undefined) stored[name] = kept;
  }
  return stored;
}

export function readTuner(body: Readonly<Record<string, unknown>>, behaviour: JellyfinBehaviour) {
  const missing = [
    ...(behaviour.tunersShare ? [] : ['AllowFmp4TranscodingContainer', 'AllowStreamSharing', 'FallbackMaxStreamingBitrate']),
    ...(behaviour.tunersPace ? [] : ['ReadAtNativeFramerate']),
  ];
  const known = tunerFields.filter(([name]) => !missing.includes(name));
  return read(known, body) as Tuner | { readonly wrong: string };
}

export function readProvider(body: Readonly<Record<string, unknown>>) {
  return read(providerFields, body) as Provider | { readonly wrong: string };
}

/** GuideDays, 1 to 14; 7 where none is set. */
export function guideDays(configuration: LiveTvConfiguration): number {
  const days = configuration.GuideDays;
  return typeof days === 'number' && days > 0 ? Math.min(14, Math.max(1, Math.trunc(days))) : 7;
}
