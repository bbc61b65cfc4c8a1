import { GetFunctionCommand } from "@aws-sdk/client-lambda";
import { codeSha256Of } from "../../build/package/zip.js";
import { versionCodeUnavailableError, zipMissingError } from "../../errors/deploy-errors.js";
import { lambda } from "../aws/lambda.js";
import type { DesiredFunction } from "../desired/desired-state.js";
import type { OperationContext } from "./operation.js";

/** @returns the zip of a function: the one that was packaged, or that of the version which is to serve again */
export async function codeOf(
  { id, physicalName, code }: DesiredFunction,
  { aws, zips }: OperationContext,
): Promise<Uint8Array> {
  if (code.from === "zip") {
    const zip = zips.get(id);
    if (!zip) throw zipMissingError(id);
    return zip;
  }
  const { version } = code;
  const found = await lambda(aws).send(
    new GetFunctionCommand({ FunctionName: physicalName, Qualifier: version }),
  );
  const location = found.Code?.Location;
  if (!location) throw versionCodeUnavailableError(physicalName, version, "Lambda does not say where it is");
  const answer = await fetch(location).catch((cause: unknown) => {
    throw versionCodeUnavailableError(physicalName, version, String(cause));
  });
  if (!answer.ok) throw versionCodeUnavailableError(physicalName, version, `HTTP ${answer.status}`);
  const zip = new Uint8Array(await answer.arrayBuffer());
  if (codeSha256Of(zip) !== code.codeSha256)
    throw versionCodeUnavailableError(physicalName, version, "its hash is another");
  return zip;
}
