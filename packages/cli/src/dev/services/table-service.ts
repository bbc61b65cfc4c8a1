import { randomUUID } from "node:crypto";
import type { LocalTable } from "../../local-dynamodb/open-table.js";
import type { Service, ServiceAnswer } from "./service.js";

/** The table's name in development. */
export const LOCAL_TABLE = "queue-run-dev";

export type TableService = {
  ask: Service;
  /** Opens it ahead of its first call: a project that needs it is served sooner then. */
  prepare(): void;
  /** What a worker that ended was running may run again at once. */
  releaseLeases(requestId: string): Promise<void>;
  close(): Promise<void>;
};

/**
 * DynamoDB for the dev server's own workers, opened when it is first needed: most projects keep no records.
 *
 * @param open - opens the table
 * @param onInternalError - told of errors that are not the caller's
 */
export function tableService({
  open,
  onInternalError,
}: {
  open: () => Promise<LocalTable>;
  onInternalError: (error: unknown) => void;
}): TableService {
  let opening: Promise<LocalTable> | null = null;
  let isClosed = false;

  function table(): Promise<LocalTable> {
    if (isClosed) return Promise.reject(new Error("The dev server stops"));
    opening ??= open();
    return opening;
  }

  return {
    async ask({ target, body }) {
      try {
        const { call } = await table();
        const answered = await call(target?.replace(/^[^.]*\./, "") ?? "", body);
        return withHeaders(answered);
      } catch (error) {
        if (!isClosed) onInternalError(error);
        const type = "com.amazonaws.dynamodb.v20120810#InternalServerError";
        return withHeaders({ status: 500, body: JSON.stringify({ __type: type, message: String(error) }) });
      }
    },
    prepare: () => void table().catch(onInternalError),
    async releaseLeases(requestId) {
      if (opening && !isClosed) await (await opening).releaseLeases(`${requestId}/`);
    },
    async close() {
      isClosed = true;
      const opened = await opening?.catch(() => null);
      await opened?.close();
    },
  };
}

function withHeaders({ status, body }: { status: number; body: string }): ServiceAnswer {
  return {
    status,
    headers: { "content-type": "application/x-amz-json-1.0", "x-amzn-requestid": randomUUID() },
    body,
  };
}
