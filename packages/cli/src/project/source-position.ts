/** A place in a file; both from 1. */
export type Position = { line: number; column: number };

/**
 * @param source - the file's text
 * @returns a function from UTF-16 offsets to places in it
 */
export function positionsIn(source: string): (offset: number) => Position {
  let lineStarts: number[] | null = null;
  return (offset) => {
    if (!lineStarts) {
      lineStarts = [0];
      for (let at = source.indexOf("\n"); at !== -1; at = source.indexOf("\n", at + 1))
        lineStarts.push(at + 1);
    }
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 };
  };
}
