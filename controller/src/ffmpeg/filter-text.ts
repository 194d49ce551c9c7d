// Pure: values inside a filter graph: two levels of escaping (ffmpeg-filters, "Notes on filtergraph escaping").

/** For an option's value: colons and quotes end it at the first level, commas, semicolons and brackets at the second; blanks around it are cut off at both. */
export const filterValue = (value: string): string =>
  value.replace(/[\\':\s]/gu, String.raw`\$&`).replace(/[\\'[\],;\s]/gu, String.raw`\$&`);

/** Text for `drawtext` on one line: no control characters, which fonts show as boxes. */
export const oneLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();

/** Seconds as ffmpeg takes them everywhere, to the microsecond. */
export const seconds = (ms: number): string => String(Math.round(ms * 1000) / 1_000_000);
