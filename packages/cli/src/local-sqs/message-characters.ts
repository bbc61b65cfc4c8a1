/**
 * What XML 1.0 has no character for: controls, half a surrogate pair, two of the last code points. The first expression
 * is quick, and also finds whole pairs, on which the second then decides.
 */
const SUSPICIOUS = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD]/;
const INVALID = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** Whether a text has characters that SQS refuses. API Reference, SendMessage. */
export function hasInvalidCharacters(text: string): boolean {
  return SUSPICIOUS.test(text) && INVALID.test(text);
}
