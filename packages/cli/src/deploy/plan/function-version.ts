import type { ActualVersion } from "../actual/actual-state.js";
import type { DesiredFunction } from "../desired/desired-state.js";
import { describeLogFormat, LOG_FORMAT } from "../desired/log-format.js";
import { changed } from "./changes.js";
import type { KnownAddress, KnownAddresses } from "./known-addresses.js";
import type { Change } from "./step.js";

const URL_VARIABLE = "QUEUE_RUN_URL";
const SOCKET_URL_VARIABLE = "QUEUE_RUN_SOCKET_URL";

/** @returns what differs of the code: also the architecture, which is uploaded with it */
export function codeChanges(fn: DesiredFunction, actual: ActualVersion): Change[] {
  const { code, configuration } = fn;
  const codes = { from: shortHash(actual.codeSha256), to: shortHash(code.codeSha256) };
  return [
    ...(isSameCode(fn, actual) ? [] : [{ setting: "code", ...codes }]),
    ...changed("architecture", actual.configuration.architecture, configuration.architecture),
  ];
}

/** @returns what differs of the other settings that a version carries; variables by name only */
export function configurationChanges(
  fn: DesiredFunction,
  actual: ActualVersion,
  known: KnownAddresses,
): Change[] {
  const { configuration, role, logGroup } = fn;
  const before = actual.configuration;
  return [
    ...changed("runtime", before.runtime, configuration.runtime),
    ...changed("handler", before.handler, configuration.handler),
    ...changed("memory (MB)", before.memoryMegabytes, configuration.memoryMegabytes),
    ...changed("timeout (seconds)", before.timeoutSeconds, configuration.timeoutSeconds),
    ...changed("subnets", sorted(before.vpc?.subnetIds), sorted(configuration.vpc?.subnetIds)),
    ...changed(
      "security groups",
      sorted(before.vpc?.securityGroupIds),
      sorted(configuration.vpc?.securityGroupIds),
    ),
    ...changed("role", actual.roleArn, role.arn),
    ...changed("log format", actual.logFormat, describeLogFormat(LOG_FORMAT)),
    ...changed("log group", actual.logGroup, logGroup.name),
    ...variableChanges(fn, actual.environment, known),
  ];
}

/** Whether a version is all that a function's code, settings and variables are to be. */
export function isAsDesired(fn: DesiredFunction, actual: ActualVersion, known: KnownAddresses): boolean {
  return codeChanges(fn, actual).length === 0 && configurationChanges(fn, actual, known).length === 0;
}

/** Whether a version was made from the code that a function is to have. */
export function isSameCode({ code }: DesiredFunction, actual: ActualVersion): boolean {
  return toBase64(actual.codeSha256) === toBase64(code.codeSha256);
}

function variableChanges(
  { environment: { variables, withUrl, withSocketUrl } }: DesiredFunction,
  actual: Readonly<Record<string, string>>,
  known: KnownAddresses,
): Change[] {
  const { [URL_VARIABLE]: url, [SOCKET_URL_VARIABLE]: socketUrl, ...others } = actual;
  const names = [...new Set([...Object.keys(others), ...Object.keys(variables)])].sort();
  const changes = names.flatMap((name) => hiddenChange(name, others[name], variables[name]));
  return [
    ...changes,
    ...addressChange(URL_VARIABLE, url, withUrl ? known.api : null),
    ...addressChange(SOCKET_URL_VARIABLE, socketUrl, withSocketUrl ? known.socket : null),
  ];
}

/** @param known - null: the function is not to have it */
function addressChange(name: string, actual: string | undefined, known: KnownAddress | null): Change[] {
  if (known === null) return hiddenChange(name, actual, undefined);
  if ("step" in known) return [{ setting: name, from: actual ?? null, to: "the new address" }];
  return changed(name, actual, known.url);
}

function hiddenChange(name: string, from: string | undefined, to: string | undefined): Change[] {
  if (from === to) return [];
  const setting = `variable ${name}`;
  if (from === undefined) return [{ setting, from: null, to: "set" }];
  return [{ setting, from: "set", to: to === undefined ? null : "set anew" }];
}

function sorted(list: readonly string[] | undefined): string[] | null {
  return list === undefined || list.length === 0 ? null : [...list].sort();
}

/** Long enough to tell versions of the code apart, and short enough to be read. */
function shortHash(hash: string): string {
  return toBase64(hash).slice(0, 16);
}

/** Lambda gives the hash of a zip in base64; others write it in hexadecimal. */
function toBase64(hash: string): string {
  return /^[0-9a-f]{64}$/.test(hash) ? Buffer.from(hash, "hex").toString("base64") : hash;
}
