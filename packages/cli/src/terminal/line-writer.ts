/** Writes lines, those of one turn of the event loop with one system call. */
export type LineWriter = {
  write(text: string): void;
  /** Writes what is waiting, now. */
  flush(): void;
};

export function lineWriter(stream: { write(text: string): unknown }): LineWriter {
  let waiting: string[] = [];
  const flush = (): void => {
    if (waiting.length === 0) return;
    const text = waiting.join("");
    waiting = [];
    stream.write(text);
  };
  return {
    write(text) {
      if (waiting.push(text) === 1) setImmediate(flush);
    },
    flush,
  };
}
