/** The first words of a text, to be the subject of an email. */
export function subjectOf(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
