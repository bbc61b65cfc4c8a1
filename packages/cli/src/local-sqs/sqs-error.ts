/** How an error differs from the ordinary: a 400 that the caller is to blame for, whose two codes are the same. */
export type SqsErrorOptions = {
  /** The query protocol's code, where it is not the shape's name. */
  queryCode?: string;
  status?: number;
  senderFault?: boolean;
  /** False for the errors of AWS's web service framework, which SQS's own model does not list. */
  modelled?: boolean;
};

/** An error as SQS answers it. `sqs-errors.ts` makes one each; the protocols write them down. */
export class SqsError extends Error {
  /** The shape's name in the JSON protocol: `QueueDoesNotExist`, `InvalidParameterValueException`. */
  readonly code: string;
  /** The code of the query protocol, of `x-amzn-query-error` and of a batch's `Failed`: `InvalidParameterValue`. */
  readonly queryCode: string;
  readonly status: number;
  readonly senderFault: boolean;
  readonly modelled: boolean;

  constructor(code: string, message: string, options: SqsErrorOptions = {}) {
    super(message);
    this.name = "SqsError";
    this.code = code;
    this.queryCode = options.queryCode ?? code;
    this.status = options.status ?? 400;
    this.senderFault = options.senderFault ?? true;
    this.modelled = options.modelled ?? true;
  }
}
