/** An error as SQS answers it. The functions below make one each; the protocols write them down. */
export class SqsError extends Error {
  /** The shape's name in the JSON protocol; for errors that are not modelled, the same as `queryCode`. */
  readonly code: string;
  /** The code of the query protocol, and of the header `x-amzn-query-error`. */
  readonly queryCode: string;
  readonly status: number;
  readonly senderFault: boolean;

  constructor(code: string, message: string, { queryCode = code, status = 400, senderFault = true } = {}) {
    super(message);
    this.name = "SqsError";
    this.code = code;
    this.queryCode = queryCode;
    this.status = status;
    this.senderFault = senderFault;
  }
}
