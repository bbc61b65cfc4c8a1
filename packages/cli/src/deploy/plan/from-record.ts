import type { Problem } from "../../project/manifest.js";
import { problem } from "../../project/problem.js";
import type { ActualVersion } from "../actual/actual-state.js";
import type { Addresses } from "../desired/addresses.js";
import { checkEnvironmentSize } from "../desired/check-environment-size.js";
import { composeVariables } from "../desired/desired-environment.js";
import type {
  DesiredEnvironment,
  DesiredFunction,
  DesiredState,
  VariableOrigin,
} from "../desired/desired-state.js";
import { isAsDesired, isSameCode } from "./function-version.js";

/** An earlier deploy, and what is known now. */
export type RecordedDeploy = {
  /** What the stage was to be, without values of variables. */
  desired: DesiredState;
  /** The version of each function that it made serve, by function id. */
  versions: Readonly<Record<string, string>>;
  /** Those versions as AWS has them, by function id; null where one is gone. */
  found: Readonly<Record<string, ActualVersion | null>>;
  /** The stage's variables as they are now. */
  parameter: Readonly<Record<string, string>>;
  /** The stage's addresses as they are now. */
  addresses: Addresses;
};

/**
 * What a stage is to be when an earlier deploy is to serve again: its settings and its code, with the stage's current
 * variables. Where these differ from what a version carries, its code is published again with them.
 *
 * @returns the problems too: a version that is gone cannot serve
 */
export function desiredFromRecord(record: RecordedDeploy): { desired: DesiredState; problems: Problem[] } {
  const problems: Problem[] = [];
  const functions = record.desired.functions.flatMap((fn) => {
    const found = record.found[fn.id];
    const version = record.versions[fn.id];
    // Versions are counted from 1 again when a function was deleted and made anew.
    if (!found || version === undefined || !isSameCode(fn, found)) {
      problems.push(versionGone(fn, version));
      return [];
    }
    return [recordedFunction(fn, version, found, record)];
  });
  const desired = { ...record.desired, functions };
  return { desired, problems: [...problems, ...checkEnvironmentSize(desired)] };
}

function recordedFunction(
  fn: DesiredFunction,
  version: string,
  found: ActualVersion,
  { parameter, addresses }: RecordedDeploy,
): DesiredFunction {
  const environment = recordedEnvironment(fn.environment, found, parameter);
  const { codeSha256 } = fn.code;
  const wanted: DesiredFunction = {
    ...fn,
    environment,
    code: { from: "version", version, codeSha256, asPublished: false },
  };
  const known = { api: { url: addresses.url }, socket: { url: addresses.socketUrl } };
  const asPublished = isAsDesired(wanted, found, known);
  return { ...wanted, code: { from: "version", version, codeSha256, asPublished } };
}

/** Values that the version carries, but for those that the stage's parameter gave: these are the current ones. */
function recordedEnvironment(
  { origins, withUrl, withSocketUrl }: DesiredEnvironment,
  { environment }: ActualVersion,
  parameter: Readonly<Record<string, string>>,
): DesiredEnvironment {
  const carried = (origin: VariableOrigin) =>
    Object.fromEntries(
      Object.entries(environment).filter(
        ([name]) => Object.hasOwn(origins, name) && origins[name] === origin,
      ),
    );
  const sources = { ours: carried("ours"), flag: carried("flag"), parameter, config: carried("config") };
  return { ...composeVariables(sources), withUrl, withSocketUrl };
}

function versionGone({ file, physicalName }: DesiredFunction, version: string | undefined): Problem {
  return problem(
    "QR_VERSION_GONE",
    file,
    null,
    version === undefined
      ? `The deploy did not record which version of ${physicalName} served.`
      : `Version ${version} of the function ${physicalName} is not there any more.`,
    "Go back to another deploy (queue-run versions lists them), or deploy that commit's files again.",
  );
}
