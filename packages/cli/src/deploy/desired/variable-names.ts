/** What Lambda itself sets, and refuses from anybody else. Lambda Developer Guide, "Defined runtime environment variables". */
const RESERVED_BY_LAMBDA: ReadonlySet<string> = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_DEFAULT_REGION",
  "AWS_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_LAMBDA_RUNTIME_API",
  "LAMBDA_TASK_ROOT",
  "LAMBDA_RUNTIME_DIR",
]);

/** Names that queue-run sets, and that win over anybody's: setting them would do nothing. */
const SET_BY_US = /^(NODE_ENV$|QUEUE_RUN_)/;

/**
 * @param name - of a variable for functions
 * @returns why it cannot be, as the end of a sentence that begins with the name; null where it can
 */
export function variableNameProblem(name: string): string | null {
  // Lambda API Reference, Environment: the pattern of a key.
  if (!/^[A-Za-z][A-Za-z0-9_]+$/.test(name))
    return "is no name of a variable on Lambda: two or more letters, digits and _, a letter first";
  if (RESERVED_BY_LAMBDA.has(name)) return "is set by Lambda itself";
  if (SET_BY_US.test(name)) return "is set by queue-run itself";
  return null;
}
