import { MAX_LIST_RESULTS } from "../limits.js";
import { type Input, integerBetween, text } from "../protocol/input.js";
import { invalidParameterValue } from "../sqs-errors.js";

/** One page of a list of names; `nextToken` where there is more. */
export type Page = { names: string[]; nextToken: string | undefined };

/**
 * The page that MaxResults and NextToken ask for, of names that are in order. Without MaxResults it holds up to 1,000
 * and says nothing of the rest, as AWS does. The token is the last name given, so that a queue that is created or
 * deleted in between shifts nothing. Throws InvalidParameterValue.
 */
export function pageOf(names: string[], input: Input): Page {
  const max = MAX_LIST_RESULTS;
  const maxResults = integerBetween(input, "MaxResults", 1, max, `Must be between 1 and ${max}.`);
  const token = text(input, "NextToken");
  const after = token === undefined || token === "" ? undefined : fromToken(token);
  const rest = after === undefined ? names : names.filter((name) => name > after);
  const page = rest.slice(0, maxResults ?? max);
  const last = page.at(-1);
  const more = maxResults !== undefined && page.length < rest.length && last !== undefined;
  return { names: page, nextToken: more ? toToken(last) : undefined };
}

function toToken(name: string): string {
  return Buffer.from(name).toString("base64");
}

function fromToken(token: string): string {
  const name = Buffer.from(token, "base64").toString();
  if (toToken(name) !== token) throw invalidParameterValue("Invalid or expired next token.");
  return name;
}
