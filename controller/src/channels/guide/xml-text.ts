// Pure: any text as XML 1.0 and tv_validate_file take it, in an element or an attribute.

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** What needs any work at all; most titles do not. Half surrogates do not match `\P{Cs}` under the u flag. */
const SPECIAL = /[&<>"'\p{Cc}\p{Cs}\u2028\u2029\uFFFE\uFFFF]/u;

/** One line: breaks become spaces, control characters and what XML forbids go, half a surrogate pair becomes U+FFFD. */
export const plainLine = (text: string): string => (SPECIAL.test(text) ? cleaned(text) : text).trim();

/** The same, escaped. */
export function xmlText(text: string): string {
  if (!SPECIAL.test(text)) return text.trim();
  return cleaned(text)
    .trim()
    .replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

// C1 controls are legal in XML, but tv_validate_file takes them for a wrong encoding.
const cleaned = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\t\n\r\u0085\u2028\u2029 ]+/g, ' ')
    .replace(/[\p{Cc}\uFFFE\uFFFF]/gu, '');
