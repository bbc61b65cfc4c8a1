/** Numbers that AWS sets and that only deploying needs, with their sources; the others are the runtime's. */

/** Largest zip that is uploaded in a request. Lambda Developer Guide, "Quotas": 50 MB. */
export const LAMBDA_MAX_ZIP_BYTES = 50 * 1_048_576;
/** Largest function, unzipped. Lambda Developer Guide, "Quotas": 250 MB. */
export const LAMBDA_MAX_UNZIPPED_BYTES = 250 * 1_048_576;
