import type { Problem } from "../../project/manifest.js";
import { problem } from "../../project/problem.js";
import { LAMBDA_MAX_ENVIRONMENT_BYTES } from "../limits.js";
import type { DesiredFunction, DesiredState } from "./desired-state.js";

/** What a stage's address takes at most: a function URL in the Region with the longest name. */
const LONGEST_URL = `https://${"x".repeat(32)}.lambda-url.ap-southeast-1.on.aws`;
const LONGEST_SOCKET_URL = `https://${"x".repeat(10)}.execute-api.ap-southeast-1.amazonaws.com/`;
const SHOWN = 5;

/** Functions have mostly the same variables: the largest environment is reported, once. */
export function checkEnvironmentSize({
  functions,
  scope,
}: Pick<DesiredState, "functions" | "scope">): Problem[] {
  const sizes = functions.map((fn) => ({ fn, bytes: environmentBytes(fn, scope.stage) }));
  const [largest] = sizes.sort((a, b) => b.bytes - a.bytes);
  if (!largest || largest.bytes <= LAMBDA_MAX_ENVIRONMENT_BYTES) return [];
  const { variables } = largest.fn.environment;
  const names = Object.keys(variables)
    .map((name) => ({ name, bytes: Buffer.byteLength(variables[name] ?? "") }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, SHOWN)
    .map(({ name, bytes }) => `${name} (${bytes})`);
  return [
    problem(
      "QR_VARIABLES_TOO_LARGE",
      largest.fn.file,
      null,
      `Its variables take ${largest.bytes} bytes; Lambda allows ${LAMBDA_MAX_ENVIRONMENT_BYTES}. The largest: ${names.join(", ")}.`,
      "Keep large values in Secrets Manager, S3 or DynamoDB, and set where they are.",
    ),
  ];
}

/** As Lambda counts: names and values, written as JSON. */
function environmentBytes({ environment }: DesiredFunction, stage: string): number {
  const { variables, withUrl, withSocketUrl } = environment;
  const all = {
    ...variables,
    ...(withUrl && { QUEUE_RUN_URL: LONGEST_URL }),
    ...(withSocketUrl && { QUEUE_RUN_SOCKET_URL: LONGEST_SOCKET_URL + stage }),
  };
  return Buffer.byteLength(JSON.stringify(all));
}
