/**
 * Whether to print in colour: on a terminal, unless NO_COLOR is set (https://no-color.org), or when FORCE_COLOR says so.
 */
export function useColors(io: {
  isTerminal: boolean;
  env: Readonly<Record<string, string | undefined>>;
}): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = io.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "" && FORCE_COLOR !== "0") return true;
  return io.isTerminal && TERM !== "dumb";
}
