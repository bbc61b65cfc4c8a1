/** What XML 1.0 has no character for; with `u`, a surrogate without its other half is one of them. */
const INVALID_CHARACTERS = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** Whether a text has characters that SQS refuses. API Reference, SendMessage. */
export function hasInvalidCharacters(text: string): boolean {
  return INVALID_CHARACTERS.test(text);
}
