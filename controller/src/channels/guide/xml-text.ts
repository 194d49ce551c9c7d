// Pure: any text as XML 1.0 and tv_validate_file take it, in an element or an attribute.

/** Anything but ordinary characters of the first plane; most titles have none. Without the u flag, which is several times slower. */
const UNCLEAN = /[^ -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufffd]/;
const MARKUP = /[&<>"]/;

/** One line: breaks become spaces, control characters and what XML forbids go, half a surrogate pair becomes U+FFFD. */
export const plainLine = (text: string): string => (UNCLEAN.test(text) ? cleaned(text) : text).trim();

/** The same, escaped for an element or for an attribute in double quotes. A guide has ten thousands of these. */
export function xmlText(text: string): string {
  const plain = plainLine(text);
  if (!MARKUP.test(plain)) return plain;
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

// C1 controls are legal in XML, but tv_validate_file takes them for a wrong encoding.
const cleaned = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\t\n\r\u0085\u2028\u2029 ]+/g, ' ')
    .replace(/[\p{Cc}\uFFFE\uFFFF]/gu, '');
