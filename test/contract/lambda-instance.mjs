/**
 * One instance of a built function, in a process of its own, as Lambda has it. The parent sends
 * `{ id, event, timeoutMs }` and gets `{ id, response }` or `{ id, error }`; `{ ready: true }` comes first.
 *
 *   node lambda-instance.mjs BUNDLE
 */
import { pathToFileURL } from "node:url";

const { handler } = await import(pathToFileURL(process.argv[2]).href);

process.on("message", async ({ id, event, timeoutMs }) => {
  const deadline = Date.now() + timeoutMs;
  const context = {
    awsRequestId: id,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: "1",
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  try {
    process.send({ id, response: await handler(event, context) });
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) });
  }
});
process.on("disconnect", () => process.exit());
process.send({ ready: true });
