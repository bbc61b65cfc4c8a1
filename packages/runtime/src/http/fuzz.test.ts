import fc from "fast-check";
import { expect, test } from "vitest";
import { onLifecycle } from "../log/lifecycle-events.js";
import { queues } from "../queue/queues.js";
import type { HttpRequest } from "./http-request.js";
import { createQueueHttp } from "./queue-http.js";
import { ask, type TestRequest } from "./testing/requests.js";

/** Touches everything that is made of a request. */
async function readAll(request: HttpRequest): Promise<unknown> {
  const { params, query, cookies, headers, body, method, url } = request;
  await Promise.all([request.text(), request.arrayBuffer()]);
  request.request.headers.get("x");
  return {
    sizes: [params, query, cookies, headers].map((each) => Object.keys(each).length),
    body: typeof body,
    method,
    url,
  };
}

const modules = {
  "/_middleware": {
    authenticate: ({ username, bearerToken }: { username?: string; bearerToken?: string }) =>
      (username ?? bearerToken) ? { id: "u" } : null,
  },
  "/": { default: readAll },
  "/items/[id].[format]": { default: readAll },
  "/files/[...path]": { default: readAll },
  "/push/[group]": { post: createQueueHttp(queues.get("emails"), async () => "job") },
};

const nasty = fc.constantFrom(
  ..."%,%2F,%ff,..,.,//,\0,\r\n,__proto__,constructor,;,=,&,?,#,\",',{,[,},],<,ü,\ud83d\ude00,\u2028,+, ,a,1,--b,-".split(
    ",",
  ),
);
const text = fc.oneof(
  fc.array(nasty, { maxLength: 8 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 20 }),
);
/** What a server lets through as a header's value: no line breaks, nothing beyond Latin-1. */
const headerValue = text.map((each) => each.replace(/[^\t\x20-\x7e\x80-\xff]/gu, ""));
const path = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "/",
      "/items/a.b",
      "/files/x/y",
      "/push/g",
      "/push/%20",
      "*",
      "x",
      "http://a/b",
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom("/", "/items/", "/files/", "/push/", ""), fc.array(text, { maxLength: 3 }))
      .map(([start, rest]) => `${start}${rest.join("/")}`),
  },
);
const type = fc.oneof(
  fc.constantFrom(
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    'multipart/form-data; boundary="',
    "text/plain; charset=x",
    "text/plain; charset=utf-16le",
  ),
  headerValue,
);
const multipartPart = fc
  .tuple(
    fc.constantFrom("Content-Disposition: form-data", "Content-Type: a/b; charset=zz", "X: "),
    headerValue,
    text,
  )
  .map(
    ([header, value, body]) =>
      `--b\r\n${header}; name="${value}"; filename*=utf-8''${value}\r\n\r\n${body}\r\n`,
  );
const body = fc.oneof(
  text,
  fc.json(),
  fc.uint8Array({ maxLength: 30 }),
  fc
    .tuple(fc.array(multipartPart, { maxLength: 4 }), fc.boolean())
    .map(([parts, ends]) => parts.join("") + (ends ? "--b--\r\n" : "")),
);
const request: fc.Arbitrary<TestRequest> = fc.record(
  {
    method: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom("POST", "POST", "PUT", "GET", "DELETE") },
      { weight: 1, arbitrary: fc.constantFrom("HEAD", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "") },
    ),
    path: fc
      .tuple(path, fc.option(text, { nil: undefined }))
      .map(([start, query]) => (query === undefined ? start : `${start}?${query}`)),
    headers: fc.dictionary(
      fc.constantFrom(
        "host",
        "authorization",
        "if-none-match",
        "cookie",
        "traceparent",
        "x-amzn-trace-id",
        "access-control-request-headers",
        "origin",
        "x-a",
      ),
      headerValue,
    ),
    cookies: fc.array(headerValue, { maxLength: 3 }),
    body,
  },
  { requiredKeys: ["method", "path", "headers"] },
);

test("no request, however malformed, is an error of the server", { timeout: 60_000 }, async () => {
  const errors: unknown[] = [];
  const stop = onLifecycle("error", ({ error }) => errors.push(error));
  try {
    await fc.assert(
      fc.asyncProperty(request, fc.option(type, { nil: undefined }), async (one, contentType) => {
        const headers = {
          ...one.headers,
          ...(contentType === undefined ? {} : { "content-type": contentType }),
        };
        const answer = await ask(modules, { ...one, headers });
        expect(errors).toEqual([]);
        expect(answer.status).toBeLessThan(500);
        for (const value of Object.values(answer.headers)) expect(value).toMatch(/^[\t\x20-\x7e\x80-\xff]*$/);
        expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      }),
      { numRuns: 2_500 },
    );
  } finally {
    stop();
  }
});
