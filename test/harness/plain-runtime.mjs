/**
 * As much of Lambda's runtime client as functions need, where AWS's own is not installed: takes an event after the other
 * from the Runtime API and posts what the handler answers.
 */
import { request } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const API = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const STREAMING = Symbol("streaming");

globalThis.awslambda = {
  streamifyResponse: (handler) => Object.assign(handler, { [STREAMING]: true }),
  HttpResponseStream: {
    from(stream, head) {
      stream.setHeader("content-type", "application/vnd.awslambda.http-integration-response");
      const write = stream.write.bind(stream);
      stream.write = (...piece) => {
        stream.write = write;
        write(JSON.stringify(head));
        write(Buffer.alloc(8));
        return write(...piece);
      };
      return stream;
    },
  },
};

const [moduleName, exportName] = process.env._HANDLER.split(".");
const { [exportName]: handler } = await import(
  pathToFileURL(join(process.env.LAMBDA_TASK_ROOT, `${moduleName}.mjs`)).href
);

for (;;) {
  const next = await fetch(`${API}/invocation/next`);
  const id = next.headers.get("lambda-runtime-aws-request-id");
  const deadline = Number(next.headers.get("lambda-runtime-deadline-ms"));
  const context = {
    awsRequestId: id,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: next.headers.get("lambda-runtime-invoked-function-arn"),
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  const event = await next.json();
  try {
    if (handler[STREAMING]) await stream(id, event, context);
    else await post(`invocation/${id}/response`, (await handler(event, context)) ?? null);
  } catch (error) {
    const described = {
      errorType: error?.name ?? "Error",
      errorMessage: String(error?.message ?? error),
      trace: [],
    };
    await post(`invocation/${id}/error`, described);
  }
}

function post(path, value) {
  return fetch(`${API}/${path}`, { method: "POST", body: JSON.stringify(value) });
}

async function stream(id, event, context) {
  const outgoing = request(`${API}/invocation/${id}/response`, {
    method: "POST",
    headers: { "lambda-runtime-function-response-mode": "streaming", "transfer-encoding": "chunked" },
  });
  const answered = new Promise((resolve, reject) => {
    outgoing.on("error", reject).on("response", (response) => response.resume().on("end", resolve));
  });
  answered.catch(() => {});
  try {
    await handler(event, outgoing, context);
  } catch (error) {
    const described = { errorType: error?.name ?? "Error", errorMessage: String(error?.message ?? error) };
    outgoing.addTrailers({
      "Lambda-Runtime-Function-Error-Type": described.errorType,
      "Lambda-Runtime-Function-Error-Body": Buffer.from(JSON.stringify(described)).toString("base64"),
    });
    outgoing.end();
  }
  await answered;
}
