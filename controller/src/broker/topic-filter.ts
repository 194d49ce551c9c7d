// MQTT topic filters (MQTT 3.1.1 §4.7): what is valid, what matches, which filter lies within which. Pure.

/** Longest topic or filter taken, in characters. MQTT allows 65,535 bytes; ours stay far below. */
const MAX_TOPIC_LENGTH = 512;
/** Below the 100 levels at which aedes' matcher gives up. */
export const MAX_TOPIC_LEVELS = 32;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not stand in a topic (§1.5.3)
const CONTROL = /[\u0000-\u001f\u007f-\u009f\ufeff]/;

const isPlain = (text: string): boolean =>
  text.length > 0 &&
  text.length <= MAX_TOPIC_LENGTH &&
  text.isWellFormed() &&
  !CONTROL.test(text) &&
  text.split('/').length <= MAX_TOPIC_LEVELS;

/** A name to publish to: no wildcard, no control character, bounded. */
export const isTopic = (text: string): boolean => isPlain(text) && !/[+#]/.test(text);

/** A filter to subscribe to: `+` and `#` only as whole levels, `#` only as the last. */
export function isFilter(text: string): boolean {
  if (!isPlain(text)) return false;
  const levels = text.split('/');
  return levels.every((level, i) => (/[+#]/.test(level) ? level === '+' || (level === '#' && i === levels.length - 1) : true));
}

/** Topics that begin with `$` are the broker's own: a leading wildcard never reaches them (§4.7.2). */
const isHidden = (level: string | undefined): boolean => level?.startsWith('$') === true;

/** Whether a filter covers a topic. `a/#` covers `a` itself too. */
export function matches(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  if (isHidden(levels[0]) && (wanted[0] === '#' || wanted[0] === '+')) return false;
  for (const [i, want] of wanted.entries()) {
    if (want === '#') return true;
    const level = levels[i];
    if (level === undefined || (want !== '+' && want !== level)) return false;
  }
  return wanted.length === levels.length;
}

/** Whether every topic that `filter` covers is covered by `allowed` as well. */
export function isWithin(filter: string, allowed: string): boolean {
  const asked = filter.split('/');
  const given = allowed.split('/');
  if (isHidden(asked[0]) && (given[0] === '#' || given[0] === '+')) return false;
  for (const [i, level] of given.entries()) {
    if (level === '#') return true;
    const wish = asked[i];
    if (wish === undefined || wish === '#') return false;
    if (level !== '+' && level !== wish) return false;
  }
  return given.length === asked.length;
}
