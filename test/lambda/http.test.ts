import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HttpEventOptions, httpEvent } from "../harness/http-event.js";
import type { RuntimeAnswer } from "../harness/lambda-runtime-api.js";
import { packageProject } from "../harness/packaged-project.js";
import { createRicInstance, type RicInstance, ricMissing } from "../harness/ric.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";

const missing = ricMissing();
if (missing) console.log(`The API on Lambda's own runtime is skipped: ${missing}`);

const JWT_SECRET = "32 random bytes, as text, or more";

const FILES = {
  "api/index.ts": "export const get = () => ({ hello: 'world' });",
  "api/echo.ts": `
    export const config = { maxBody: "5MB" };
    export const post = ({ body, headers, cookies }) =>
      ({ body: body instanceof Uint8Array ? { bytes: body.length } : body, type: headers["content-type"], cookies });`,
  "api/big.ts": "export const get = () => 'é'.repeat(2_500_000);",
  "api/bytes.ts": "export const get = () => Buffer.from([0, 255, 10, 13]);",
  "api/nothing.ts": "export const get = () => null;",
  "api/cookies.ts": `
    export const get = () => new Response("ok", { headers: [["set-cookie", "a=1; Path=/"], ["set-cookie", "b=2; HttpOnly"]] });`,
  "api/stream.ts": `
    export const get = () => new Response(new ReadableStream({
      async start(controller) {
        for (const word of ["one ", "two ", "three"]) {
          controller.enqueue(new TextEncoder().encode(word));
          await new Promise((resolve) => setTimeout(resolve, 60));
        }
        controller.close();
      },
    }));`,
  "api/breaks.ts": `
    export const get = () => new Response(new ReadableStream({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode("the beginning"));
        await new Promise((resolve) => setTimeout(resolve, 60));
        controller.error(new Error("the stream broke"));
      },
    }));`,
  "api/fails.ts": `
    import { explode } from "#lib/explode.js";
    export const get = () => explode("a secret of the server");`,
  "api/endless.ts": `
    export const config = { timeout: 1 };
    export const get = () => new Response(new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode("the beginning")),
    }));`,
  "api/guarded.ts": `
    import { jwt } from "queue-run";
    export const authenticate = ({ bearerToken }) => jwt.verify({ token: bearerToken, secret: process.env.JWT_SECRET });
    export const get = ({ user }) => user;`,
  "api/slow.ts": "export const config = { timeout: 1 }; export const get = () => new Promise(() => {});",
  "api/dies.ts": "export const get = () => process.exit(7);",
  "lib/explode.ts": `
    export function explode(reason: string): never {
      throw new TypeError(reason);
    }`,
};

/** A streamed answer as Lambda reads it: the head as JSON, eight zeros, the body. */
function streamedAnswer({ body, headers, streamed }: RuntimeAnswer) {
  expect(streamed).toBe(true);
  expect(headers["content-type"]).toBe("application/vnd.awslambda.http-integration-response");
  const end = body.indexOf(Buffer.alloc(8));
  expect(end).toBeGreaterThan(0);
  const head: { statusCode: number; headers: Record<string, string>; cookies: string[] } = JSON.parse(
    body.subarray(0, end).toString("utf8"),
  );
  return { ...head, body: body.subarray(end + 8) };
}

function bufferedAnswer({ ok, body, streamed }: RuntimeAnswer) {
  expect({ ok, streamed }).toEqual({ ok: true, streamed: false });
  const result = JSON.parse(body.toString("utf8"));
  return {
    statusCode: result.statusCode as number,
    headers: result.headers as Record<string, string>,
    cookies: (result.cookies ?? []) as string[],
    body: Buffer.from(result.body ?? "", result.isBase64Encoded ? "base64" : "utf8"),
  };
}

describe.skipIf(missing).each([
  ["a function URL that streams", "function-url", "url", streamedAnswer],
  ["an HTTP API", "api-gateway", "api-gateway", bufferedAnswer],
] as const)("the API under AWS's runtime, behind %s", (_, from, http, parse) => {
  let project: TemporaryProject;
  let instance: RicInstance;
  beforeAll(async () => {
    project = makeProject(FILES, { keep: true });
    const { zipOf } = await packageProject(project.folder);
    instance = createRicInstance({
      zip: zipOf("api"),
      env: { QUEUE_RUN_HTTP: http, QUEUE_RUN_PROJECT: "app", QUEUE_RUN_STAGE: "test", JWT_SECRET },
    });
  });
  afterAll(() => {
    instance?.stop();
    project.dispose();
  });
  const ask = async (options: HttpEventOptions) =>
    parse(await instance.invoke(httpEvent({ ...options, from })));

  it("answers JSON, bytes, nothing, and what is not there", async () => {
    const json = await ask({});
    expect(json).toMatchObject({ statusCode: 200, headers: { "content-type": "application/json" } });
    expect(JSON.parse(json.body.toString())).toEqual({ hello: "world" });
    expect([...(await ask({ url: "/bytes" })).body]).toEqual([0, 255, 10, 13]);
    const nothing = await ask({ url: "/nothing" });
    expect([nothing.statusCode, nothing.body.length]).toEqual([204, 0]);
    expect((await ask({ url: "/missing" })).statusCode).toBe(404);
    expect(await ask({ url: "/nothing", method: "OPTIONS" })).toMatchObject({ statusCode: 204 });
  });

  it("reads bodies as text and as bytes, and cookies", async () => {
    const headers = { "content-type": "application/json" };
    const text = await ask({
      method: "POST",
      url: "/echo",
      headers,
      cookies: ["a=1", "b=%C3%A9"],
      body: '{"n":1}',
    });
    expect(JSON.parse(text.body.toString())).toEqual({
      body: { n: 1 },
      type: "application/json",
      cookies: { a: "1", b: "é" },
    });
    const bytes = await ask({
      method: "POST",
      url: "/echo",
      headers: { "content-type": "application/octet-stream" },
      body: Buffer.alloc(4_000_000, 255),
    });
    expect(JSON.parse(bytes.body.toString()).body).toEqual({ bytes: 4_000_000 });
  });

  it("answers with megabytes", async () => {
    const { body } = await ask({ url: "/big" });
    expect(body.length).toBe(5_000_000);
    expect(body.subarray(-2).toString()).toBe("é");
  });

  it("sets several cookies", async () => {
    const { cookies, headers } = await ask({ url: "/cookies" });
    expect(cookies).toEqual(["a=1; Path=/", "b=2; HttpOnly"]);
    expect(Object.keys(headers)).not.toContain("set-cookie");
  });

  it("gives a stream's whole content", async () => {
    const { statusCode, body } = await ask({ url: "/stream" });
    expect([statusCode, body.toString()]).toEqual([200, "one two three"]);
  });

  it("answers 500 without the reason, which is in the log with the sources' places", async () => {
    const { statusCode, body } = await ask({ url: "/fails" });
    expect(statusCode).toBe(500);
    expect(body.toString()).not.toContain("secret");
    const logged = instance.jsonLogs().find(({ message }) => message === "a secret of the server");
    expect(logged).toMatchObject({ level: "ERROR", handler: "GET /fails", requestId: expect.any(String) });
    const { stack = "" } = (logged?.error ?? {}) as { stack?: string };
    expect(stack).toMatch(/lib\/explode\.ts:3:13/);
    expect(stack).toMatch(/api\/fails\.ts:3:30/);
  });

  it("answers 504 when a route takes too long, and the instance goes on", async () => {
    expect((await ask({ url: "/slow" })).statusCode).toBe(504);
    expect((await ask({})).statusCode).toBe(200);
  });

  it("survives a stream that breaks half-way: the client is told, the next request is answered", async () => {
    const starts = instance.starts();
    const answer = await instance.invoke(httpEvent({ url: "/breaks", from })).catch((error: Error) => error);
    if (answer instanceof Error) throw answer;
    if (answer.streamed) {
      expect(answer.body.toString()).toContain("the beginning");
      expect(answer.midstreamError).toContain("the stream broke");
    } else {
      expect(bufferedAnswer(answer).statusCode).toBe(500);
    }
    expect((await ask({})).statusCode).toBe(200);
    expect(instance.starts()).toBe(starts);
    expect(instance.jsonLogs().filter(({ message }) => message === "the stream broke")).toHaveLength(1);
  });

  it("breaks off a stream that is not done in its route's time, and the instance goes on", async () => {
    const starts = instance.starts();
    const answer = await instance.invoke(httpEvent({ url: "/endless", from }));
    if (answer.streamed) expect(answer.midstreamError).toContain("was broken off");
    else expect(bufferedAnswer(answer).statusCode).toBe(504);
    expect((await ask({})).statusCode).toBe(200);
    expect(instance.starts()).toBe(starts);
  });

  it("verifies tokens", async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const signed = `${part({ alg: "HS256" })}.${part({ sub: "ada" })}`;
    const token = `${signed}.${createHmac("sha256", JWT_SECRET).update(signed).digest("base64url")}`;
    const as = (authorization: string) => ask({ url: "/guarded", headers: { authorization } });
    const good = await as(`Bearer ${token}`);
    expect([good.statusCode, JSON.parse(good.body.toString())]).toEqual([200, { id: "ada", sub: "ada" }]);
    expect(await as(`Bearer ${signed}.AAAA`)).toMatchObject({ statusCode: 403 });
    const none = await ask({ url: "/guarded" });
    expect([none.statusCode, none.headers["www-authenticate"]]).toEqual([401, "Bearer"]);
  });

  it("starts anew after a handler that ends the process", async () => {
    await expect(ask({ url: "/dies" })).rejects.toThrow("Runtime.ExitError");
    expect((await ask({})).statusCode).toBe(200);
  });
});

describe.skipIf(missing)("a streamed answer", () => {
  it("comes piece by piece", async () => {
    const project = makeProject({
      "api/gate.ts": `
        import { existsSync } from "node:fs";
        export const get = () => new Response(new ReadableStream({
          async start(controller) {
            controller.enqueue(new TextEncoder().encode("before"));
            while (!existsSync(process.env.GATE)) await new Promise((resolve) => setTimeout(resolve, 10));
            controller.enqueue(new TextEncoder().encode(", after"));
            controller.close();
          },
        }));`,
    });
    const { zipOf } = await packageProject(project.folder);
    const env = { QUEUE_RUN_PROJECT: "app", QUEUE_RUN_STAGE: "test", GATE: project.path("gate") };
    const instance = createRicInstance({ zip: zipOf("api"), env });
    try {
      // The rest is written only when the beginning has come.
      const onPiece = (piece: Buffer) => {
        if (piece.includes("before")) project.write("gate", "open");
      };
      const { body } = await instance.invoke(httpEvent({ url: "/gate" }), { onPiece });
      expect(body.toString()).toContain("before, after");
    } finally {
      instance.stop();
    }
  });
});
