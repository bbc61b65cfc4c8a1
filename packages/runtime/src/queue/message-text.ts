/**
 * Characters that SQS refuses in a body or a string attribute: all but #x9, #xA, #xD, #x20 to #xD7FF, #xE000 to
 * #xFFFD and #x10000 to #x10FFFF (API Reference, SendMessage). Lone surrogates have no UTF-8 form either.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const REFUSED_CHARACTERS = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/u;
const REFUSED_NONCHARACTERS = /[\uFFFE\uFFFF]/g;

/** @returns whether SQS takes the text as a message's body, as far as its characters go */
export function isMessageText(text: string): boolean {
  return !REFUSED_CHARACTERS.test(text);
}

/**
 * Escapes what JSON.stringify leaves as it is and SQS refuses: #xFFFE and #xFFFF, which can only be inside strings.
 *
 * @param json - text made by JSON.stringify, which has escaped control characters and lone surrogates already
 */
export function toMessageSafeJson(json: string): string {
  return json.replace(REFUSED_NONCHARACTERS, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}
