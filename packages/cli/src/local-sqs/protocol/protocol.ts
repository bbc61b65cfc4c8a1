import type { ActionName } from "../actions/action-names.js";
import type { SqsError } from "../sqs-error.js";
import type { Input } from "./input.js";

/** What of a request says what it asks for. `target`: its X-Amz-Target. */
export type WireRequest = { target: string | undefined; url: string; body: string };

/** What a request asks for. */
export type Call = { action: ActionName; input: Input };

/** An answer as it goes over the wire. `headers`: names and values in turn. */
export type WireAnswer = { status: number; contentType: string; headers?: string[]; body: string };

/** One of the two ways in which SQS's actions are asked for and answered. */
export interface Protocol {
  /** Throws SqsError for what is no call of SQS's. */
  parse(request: WireRequest): Call;
  answer(call: Call, answer: object, requestId: string): WireAnswer;
  refuse(error: SqsError, requestId: string): WireAnswer;
}
