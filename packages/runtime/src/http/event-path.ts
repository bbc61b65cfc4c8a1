import type { APIGatewayProxyEventV2 } from "aws-lambda";

/**
 * The path as the client asked for it, still encoded.
 *
 * Function URLs hand it over as it came. HTTP APIs decode it first, payload format 2.0 included (recorded from live
 * APIs in https://github.com/hotsock/voker/pull/8), so that it has to be encoded again, or it would be decoded twice. A
 * slash that was `%2F` is lost there.
 */
export function eventPath({ rawPath, requestContext }: APIGatewayProxyEventV2): string {
  if (rawPath === "") return "/";
  if (!isFromHttpApi(requestContext)) return rawPath;
  return rawPath.split("/").map(encodeSegment).join("/");
}

/** The account of a public function URL's events is "anonymous"; others have a domain that tells them apart. */
function isFromHttpApi({ accountId, domainName }: APIGatewayProxyEventV2["requestContext"]): boolean {
  return /^\d{12}$/.test(accountId) && !domainName.includes(".lambda-url.");
}

function encodeSegment(segment: string): string {
  return encodeURIComponent(segment.replace(/\p{Surrogate}/gu, "\ufffd"));
}
