/** What remains while nothing is timed, under a debugger: the longest that a Node timer can wait. */
const UNTIMED_MS = 2_147_483_647;

/** The second argument of a Lambda handler, as far as the runtime and users' middleware read it. */
export type LambdaContext = {
  awsRequestId: string;
  functionName: string;
  functionVersion: string;
  invokedFunctionArn: string;
  memoryLimitInMB: string;
  logGroupName: string;
  logStreamName: string;
  callbackWaitsForEmptyEventLoop: boolean;
  getRemainingTimeInMillis: () => number;
};

/**
 * @param functionName - as it ends on AWS: "queue-emails", "api"
 * @returns a function that makes the context of one invocation; `deadlineMs` null: its time is never up
 */
export function lambdaContext(
  functionName: string,
  memoryMegabytes: number,
): (requestId: string, deadlineMs: number | null) => LambdaContext {
  const same = {
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
    memoryLimitInMB: String(memoryMegabytes),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "dev",
    callbackWaitsForEmptyEventLoop: true,
  };
  return (awsRequestId, deadlineMs) => ({
    ...same,
    awsRequestId,
    getRemainingTimeInMillis: () => (deadlineMs === null ? UNTIMED_MS : Math.max(0, deadlineMs - Date.now())),
  });
}
