import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalQueues, sqsAt } from "../harness/local-queues.js";
import { type Moto, motoMissing, startMoto } from "../harness/moto.js";
import { type PackagedProject, packageProject } from "../harness/packaged-project.js";
import { createRicInstance, type RicInstance, ricMissing } from "../harness/ric.js";
import { toSqsRecord } from "../harness/sqs-record.js";
import { createStageTable, type StageTable } from "../harness/stage-table.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";

const missing = ricMissing() ?? motoMissing();
if (missing) console.log(`The socket on Lambda's own runtime is skipped: ${missing}`);

const FILES = {
  "socket/index.ts": `
    import { queues } from "queue-run";
    export default async function ({ data, user }) {
      if (data === "throw") throw new Error("a secret");
      if (data === "job") await queues("work").push({});
      return { data, user };
    }`,
  "socket/_middleware.ts": `
    export function authenticate({ cookies }) {
      if (cookies.user === "mallory") throw new Response(null, { status: 401 });
      return cookies.user ? { id: cookies.user } : null;
    }
    export const onOnline = ({ user }) => console.log("online", user.id);
    export const onOffline = ({ user }) => console.log("offline", user.id);`,
  "queues/work.ts": `
    import { socket } from "queue-run";
    export default () => socket.send({ progress: 1 });`,
  "api/index.ts": `
    import { socket } from "queue-run";
    export const get = async ({ query }) => ({ url: socket.url, reached: await socket.to(query.to).send("hello") });`,
};

/** API Gateway's side of @connections: what was asked of it, and which connections are gone. */
async function startGateway() {
  const asked: { method: string; path: string; body: string; authorization: string }[] = [];
  const gone = new Set<string>();
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const { method = "", url: path = "", headers } = request;
    asked.push({
      method,
      path,
      body: Buffer.concat(pieces).toString(),
      authorization: headers.authorization ?? "",
    });
    const isGone = [...gone].some((connection) => path.endsWith(encodeURIComponent(connection)));
    response.writeHead(isGone ? 410 : 200, isGone ? { "x-amzn-errortype": "GoneException" } : {});
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { asked, gone, url: `http://127.0.0.1:${port}/test`, close: () => server.close() };
}

describe.skipIf(missing)("the socket under AWS's runtime", () => {
  let project: TemporaryProject;
  let packaged: PackagedProject;
  let moto: Moto;
  let sqs: LocalQueues;
  let table: StageTable;
  let gateway: Awaited<ReturnType<typeof startGateway>>;
  const instances: RicInstance[] = [];

  beforeAll(async () => {
    project = makeProject(FILES, { keep: true });
    [packaged, moto, gateway] = await Promise.all([
      packageProject(project.folder),
      startMoto(),
      startGateway(),
    ]);
    sqs = sqsAt(moto.endpoint, { prefix: "app-test-" });
    await sqs.client.send(new CreateQueueCommand({ QueueName: "app-test-work" }));
    table = await createStageTable(moto.endpoint, "app-test");
  });

  afterAll(async () => {
    for (const instance of instances) instance.stop();
    sqs?.close();
    gateway?.close();
    await moto?.stop();
    project?.dispose();
  });

  function instanceOf(id: string): RicInstance {
    const instance = createRicInstance({
      zip: packaged.zipOf(id),
      functionName: `app-test-${id.replace(":", "-")}`,
      env: {
        QUEUE_RUN_PROJECT: "app",
        QUEUE_RUN_STAGE: "test",
        QUEUE_RUN_SQS_URL_PREFIX: `${moto.endpoint}/123456789012/`,
        QUEUE_RUN_TABLE: table.name,
        QUEUE_RUN_SOCKET_URL: gateway.url,
        QUEUE_RUN_HTTP: "api-gateway",
        AWS_ENDPOINT_URL: moto.endpoint,
      },
    });
    instances.push(instance);
    return instance;
  }

  /** As API Gateway writes them. */
  const event = (eventType: string, connectionId: string, rest: object = {}) => ({
    ...rest,
    isBase64Encoded: false,
    requestContext: {
      routeKey: { CONNECT: "$connect", MESSAGE: "$default", DISCONNECT: "$disconnect" }[eventType],
      eventType,
      connectionId,
      requestId: "Yk2xGFw8oAMF7QA=",
      extendedRequestId: "Yk2xGFw8oAMF7QA=",
      messageDirection: "IN",
      // Long ago: what is gone is not about to open.
      connectedAt: Date.now() - 60_000,
      requestTimeEpoch: Date.now(),
      stage: "test",
      apiId: "abc123",
      domainName: "abc123.execute-api.us-east-1.amazonaws.com",
      identity: { sourceIp: "192.0.2.1", userAgent: "test" },
    },
  });
  const answerOf = async (instance: RicInstance, given: object) => {
    const answer = await instance.invoke(given);
    expect(answer).toMatchObject({ ok: true });
    return JSON.parse(answer.body.toString());
  };

  it("knows whose a connection is, answers its messages, and tells its user of a job", async () => {
    const instance = instanceOf("socket");
    const [ada, other] = ["L0SM9cOFvHcCIhw=", "d7PAyd0pPHcCEkQ="];
    const cookie = (user: string) => ({ headers: { Cookie: `user=${user}`, Host: "abc123" } });
    expect(await answerOf(instance, event("CONNECT", ada, cookie("ada")))).toEqual({ statusCode: 200 });
    expect(await answerOf(instance, event("CONNECT", other, cookie("ada")))).toEqual({ statusCode: 200 });
    expect(await answerOf(instance, event("CONNECT", "m=", cookie("mallory")))).toEqual({ statusCode: 401 });
    for (const body of ["job", '{"a":"é"}', "throw"])
      expect(await answerOf(instance, event("MESSAGE", ada, { body }))).toEqual({ statusCode: 200 });
    const path = "/test/@connections/L0SM9cOFvHcCIhw%3D";
    expect(gateway.asked).toMatchObject([
      { method: "POST", path, body: '{"data":"job","user":{"id":"ada"}}' },
      { method: "POST", path, body: '{"data":{"a":"é"},"user":{"id":"ada"}}' },
      { method: "POST", path, body: '{"error":"Internal error, request Yk2xGFw8oAMF7QA="}' },
    ]);
    expect(gateway.asked[0]?.authorization).toMatch(
      /^AWS4-HMAC-SHA256 .*\/us-east-1\/execute-api\/aws4_request/,
    );
    expect(JSON.stringify(instance.jsonLogs())).toContain("a secret");

    gateway.asked.length = 0;
    gateway.gone.add(other);
    const [message] = await sqs.take("work", 1);
    if (!message) throw new Error("Nothing was pushed");
    const worker = instanceOf("queue:work");
    expect(
      await answerOf(worker, {
        Records: [toSqsRecord("arn:aws:sqs:us-east-1:123456789012:app-test-work", message)],
      }),
      worker.logs().join("\n"),
    ).toEqual({ batchItemFailures: [] });
    expect(gateway.asked.map(({ path: asked, body }) => [asked, body]).sort()).toEqual([
      [path, '{"progress":1}'],
      ["/test/@connections/d7PAyd0pPHcCEkQ%3D", '{"progress":1}'],
    ]);
    await answerOf(instance, event("DISCONNECT", other));
    expect(instance.logs().join("\n")).not.toContain("offline");
    await answerOf(instance, event("DISCONNECT", ada));
    const said = instance.jsonLogs().map(({ message: text }) => text);
    expect(said.filter((text) => /^(on|off)line/.test(String(text)))).toEqual(["online ada", "offline ada"]);
  });
});
