/** Numbers that AWS sets and that only deploying needs, with their sources; the others are the runtime's. */

/** Largest zip that is uploaded in a request. Lambda Developer Guide, "Quotas": 50 MB. */
export const LAMBDA_MAX_ZIP_BYTES = 50 * 1_048_576;
/** Largest function, unzipped. Lambda Developer Guide, "Quotas": 250 MB. */
export const LAMBDA_MAX_UNZIPPED_BYTES = 250 * 1_048_576;
/** All of a function's variables together. Lambda Developer Guide, "Quotas": 4 KB. */
export const LAMBDA_MAX_ENVIRONMENT_BYTES = 4_096;
/** Lambda API Reference, CreateFunction, FunctionName: 64 characters when only the name is given. */
export const LAMBDA_MAX_FUNCTION_NAME_LENGTH = 64;
/** IAM User Guide, "IAM and AWS STS quotas": 64 characters; as the function's, whose name it has. */
export const IAM_MAX_ROLE_NAME_LENGTH = 64;
/** Path of a role. IAM API Reference, CreateRole. */
export const IAM_MAX_PATH_LENGTH = 512;
/** Inline policies of a role together, white space not counted. IAM User Guide, "IAM and AWS STS quotas". */
export const IAM_MAX_ROLE_POLICY_LENGTH = 10_240;
/** Names of schedules and of their groups. EventBridge Scheduler API Reference, CreateSchedule. */
export const SCHEDULER_MAX_NAME_LENGTH = 64;
/** Names of APIs and of their stages. API Gateway V2 API Reference, CreateApi and CreateStage. */
export const API_GATEWAY_MAX_NAME_LENGTH = 128;
/** DynamoDB API Reference, CreateTable, TableName. */
export const DYNAMODB_MAX_TABLE_NAME_LENGTH = 255;
/** Tags of one resource. AWS General Reference, "Tag naming limits and requirements". */
export const MAX_TAGS = 50;
export const MAX_TAG_KEY_LENGTH = 128;
export const MAX_TAG_VALUE_LENGTH = 256;
/** Days that a log group may keep its lines. CloudWatch Logs API Reference, PutRetentionPolicy. */
export const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;
/** Of a function. Lambda API Reference, VpcConfig. */
export const LAMBDA_MAX_SUBNETS = 16;
export const LAMBDA_MAX_SECURITY_GROUPS = 5;
/** Longest an HTTP API waits for its integration. API Gateway Developer Guide, "Quotas". */
export const API_GATEWAY_MAX_TIMEOUT_SECONDS = 30;
