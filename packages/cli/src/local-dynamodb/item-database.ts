import type { Database } from "../local-sqs/storage/database.js";

/** What a table asks of a database: an ordered map from text to text. */
export type ItemDatabase = Pick<Database, "read" | "write" | "entries" | "values" | "clear" | "close">;
