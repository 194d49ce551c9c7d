// Pure: which sound and which subtitles of a file a channel plays.
import type { AudioInfo, MediaInfo, SubtitleInfo } from '../on-air/media-info.ts';

/** Languages with two codes in ISO 639-2: files have either, the bibliographic one first (https://www.loc.gov/standards/iso639-2/php/code_list.php). */
const TWINS: readonly (readonly [string, string])[] = [
  ['alb', 'sqi'],
  ['arm', 'hye'],
  ['baq', 'eus'],
  ['bur', 'mya'],
  ['chi', 'zho'],
  ['cze', 'ces'],
  ['dut', 'nld'],
  ['fre', 'fra'],
  ['geo', 'kat'],
  ['ger', 'deu'],
  ['gre', 'ell'],
  ['ice', 'isl'],
  ['mac', 'mkd'],
  ['mao', 'mri'],
  ['may', 'msa'],
  ['per', 'fas'],
  ['rum', 'ron'],
  ['slo', 'slk'],
  ['tib', 'bod'],
  ['wel', 'cym'],
];

const isLanguage = (found: string | null, wanted: string): boolean =>
  found === wanted || TWINS.some((twins) => twins.includes(wanted) && twins.some((twin) => twin === found));

export type Tracks = {
  /** Null: the first there is, or silence. */
  readonly audio: number | null;
  readonly subtitle: { readonly ordinal: number; readonly kind: 'text' | 'bitmap' } | null;
};

/**
 * The wanted language where the file has it, its default stream before others; else the file's own default.
 * @param languages ISO 639-2; null for no wish. Subtitles are drawn only when wished for.
 */
export function chooseTracks(
  media: MediaInfo | null,
  languages: { readonly audio: string | null; readonly subtitle: string | null },
): Tracks {
  if (media === null) return { audio: null, subtitle: null };
  const subtitle = languages.subtitle === null ? null : bestSubtitle(media.subtitles, languages.subtitle);
  return {
    audio: bestAudio(media.audio, languages.audio)?.ordinal ?? null,
    subtitle: subtitle === null ? null : { ordinal: subtitle.ordinal, kind: subtitle.kind },
  };
}

function bestAudio(streams: readonly AudioInfo[], language: string | null): AudioInfo | null {
  const spoken = language === null ? [] : streams.filter((one) => isLanguage(one.language, language));
  const among = spoken.length > 0 ? spoken : streams;
  return among.find(({ isDefault }) => isDefault) ?? among[0] ?? null;
}

/** Whole ones before those that only translate signs and foreign speech. */
function bestSubtitle(streams: readonly SubtitleInfo[], language: string): SubtitleInfo | null {
  const wanted = streams.filter((one) => isLanguage(one.language, language));
  return wanted.find(({ forced }) => !forced) ?? wanted[0] ?? null;
}
