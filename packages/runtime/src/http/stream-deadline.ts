/**
 * A stream that breaks off when its time is up, whether its source answers or not.
 *
 * @param limitMs - Infinity for no limit
 * @param onTimeUp - makes the error that it breaks off with
 */
export function endInTime(
  source: ReadableStream<Uint8Array>,
  limitMs: number,
  onTimeUp: () => Error,
): ReadableStream<Uint8Array> {
  if (limitMs === Number.POSITIVE_INFINITY) return source;
  const reader = source.getReader();
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    isOver = true;
    clearTimeout(timer);
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        timer = setTimeout(
          () => {
            end();
            const error = onTimeUp();
            controller.error(error);
            reader.cancel(error).catch(() => undefined);
          },
          Math.max(0, limitMs),
        );
      },
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (isOver) return;
          if (!done) return controller.enqueue(value);
          end();
          controller.close();
        } catch (error) {
          end();
          controller.error(error);
        }
      },
      cancel(reason) {
        end();
        return reader.cancel(reason);
      },
    },
    // Its source has a queue of its own, and should not be read ahead of the client.
    { highWaterMark: 0 },
  );
}
