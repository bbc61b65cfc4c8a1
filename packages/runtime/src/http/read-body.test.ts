import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_FORM_PARTS } from "./form-body.js";
import { readBody } from "./read-body.js";
import { testEvent } from "./testing/requests.js";

async function read(
  body: string | Uint8Array,
  type?: string,
  accepted: string[] | null = null,
): Promise<unknown> {
  return readBody(
    testEvent({ method: "POST", body, ...(type ? { headers: { "content-type": type } } : {}) }),
    accepted,
  );
}

/** The status of the reply that reading a body throws, or "read". */
async function statusOf(
  body: string | Uint8Array,
  type?: string,
  accepted: string[] | null = null,
): Promise<unknown> {
  return read(body, type, accepted).then(
    () => "read",
    (reply: { status?: number }) => reply.status,
  );
}

describe("by content type", () => {
  test.each([
    ["JSON", '{"a":[1]}', "application/json", { a: [1] }],
    ["JSON with a charset and in capitals", '"x"', "Application/JSON; charset=UTF-8", "x"],
    ["a format written in JSON", "[1]", "application/problem+json", [1]],
    ["JSON after a byte order mark", "\ufeff{}", "application/json", {}],
    ["JSON without a type", '{"a":1}', undefined, { a: 1 }],
    ["text without a type", "{a", undefined, "{a"],
    ["plain text", "7", "text/plain", "7"],
    ["XML", "<a/>", "application/xml", "<a/>"],
    ["bytes", new Uint8Array([0, 255, 1]), "application/octet-stream", Buffer.from([0, 255, 1])],
    ["bytes of any type", new Uint8Array([1]), "image/png", Buffer.from([1])],
    ["no body", "", "application/json", null],
  ])("%s", async (_name, body, type, expected) => {
    expect(await read(body, type)).toEqual(expected);
  });

  test("text in another charset is decoded", async () => {
    expect(await read(new Uint8Array([0xe9]), "text/plain; charset=iso-8859-1")).toBe("é");
    expect(await statusOf(new Uint8Array([0xe9]), "text/plain; charset=klingon")).toBe(415);
  });

  test("bytes that are not UTF-8 are no text", async () => {
    const bytes = new Uint8Array([0x22, 0xff, 0x22]);
    expect(await statusOf(bytes, "application/json")).toBe(422);
    expect(await statusOf(bytes, "text/plain")).toBe(422);
    expect(await read(bytes)).toEqual(Buffer.from(bytes));
    expect(await read(Buffer.from('"\ufffd"'), "application/json")).toBe("\ufffd");
    expect(await read(new Uint8Array([0x22, 0xe9, 0x22]), "application/json; charset=latin1")).toBe("é");
  });

  test("Buffers are Buffers", async () => {
    expect(Buffer.isBuffer(await read("abc", "application/octet-stream"))).toBe(true);
  });

  test.each([
    ["{", "application/json"],
    ["{'a':1}", "application/json"],
    ["a=%zz", "application/x-www-form-urlencoded"],
    ["a=%ff", "application/x-www-form-urlencoded"],
    ["%=1", "application/x-www-form-urlencoded"],
    ["--b", "multipart/form-data; boundary=b"],
    ["x", "multipart/form-data"],
    ['--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1', "multipart/form-data; boundary=b"],
  ])("%j as %s is malformed", async (body, type) => {
    expect(await statusOf(body, type)).toBe(422);
  });
});

describe("accepts", () => {
  test.each([
    ["application/json", ["application/json"], "read"],
    ["application/json", ["text/plain", "application/*"], "read"],
    ["application/json", ["*/*"], "read"],
    ["application/json", ["text/*"], 415],
    ["application/x-www-form-urlencoded", ["application/x-www-form-urlencode"], "read"],
    [undefined, ["*/*"], 415],
    [undefined, ["text/plain"], 415],
  ])("%s where %j is accepted: %s", async (type, accepted, expected) => {
    expect(await statusOf("1", type, accepted)).toBe(expected);
  });

  test("a compressed body is 415 where it would be read, and bytes where bytes are asked for", async () => {
    const read = async (type: string, encoding: string) => {
      const headers = { "content-type": type, "content-encoding": encoding };
      return readBody(testEvent({ method: "POST", headers, body: Buffer.from([31, 139, 8]) }), null);
    };
    for (const type of [
      "application/json",
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data",
    ])
      await expect(read(type, "gzip")).rejects.toMatchObject({
        status: 415,
        headers: { "accept-encoding": "identity" },
      });
    expect(await read("application/octet-stream", "gzip")).toEqual(Buffer.from([31, 139, 8]));
    await expect(read("application/json", "Identity")).rejects.toMatchObject({ status: 422 });
  });

  test("no body needs no type", async () => {
    expect(await statusOf("", undefined, ["application/json"])).toBe("read");
  });
});

describe("pollution", () => {
  test("JSON cannot name a prototype", async () => {
    const text =
      '{"a":1,"__proto__":{"x":1},"b":[{"\\u005f_proto__":{"x":1},"c":2}],"constructor":{"prototype":{"x":1}}}';
    expect(JSON.stringify(await read(text, "application/json"))).toBe('{"a":1,"b":[{"c":2}]}');
    expect(await read('{"constructor":"Ford"}', "application/json")).toEqual({ constructor: "Ford" });
  });

  test("JSON may be as deep as it likes", async () => {
    const deep = `${'{"__proto__":'.repeat(50_000)}1${"}".repeat(50_000)}`;
    expect(await read(deep, "application/json")).toEqual({});
    expect(await statusOf("[".repeat(200_000), "application/json")).toBe(422);
  });

  test("forms have no prototype", async () => {
    const form = await read("__proto__=1&a=2", "application/x-www-form-urlencoded");
    expect(Object.getPrototypeOf(form)).toBeNull();
    expect(Object.keys(form as object)).toEqual(["__proto__", "a"]);
  });
});

describe("forms", () => {
  test("have at most 1,000 fields", async () => {
    const form = (fields: number) => Array.from({ length: fields }, (_, index) => `f${index}=1`).join("&");
    const type = "application/x-www-form-urlencoded";
    expect(await statusOf(form(MAX_FORM_PARTS), type)).toBe("read");
    expect(await statusOf(form(MAX_FORM_PARTS + 1), type)).toBe(413);
    const multipart = (parts: number) =>
      `${'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'.repeat(parts)}--b--\r\n`;
    expect(await statusOf(multipart(MAX_FORM_PARTS), "multipart/form-data; boundary=b")).toBe("read");
    expect(await statusOf(multipart(MAX_FORM_PARTS + 1), "multipart/form-data; boundary=b")).toBe(413);
  });

  test("what URLSearchParams writes is read as it was", async () => {
    const pairs = fc.array(fc.tuple(fc.string({ unit: "binary" }), fc.string({ unit: "binary" })), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(pairs, async (given) => {
        fc.pre(given.every((pair) => pair.every((text) => !/\p{Surrogate}/u.test(text))));
        const form = await read(new URLSearchParams(given).toString(), "application/x-www-form-urlencoded");
        expect(flatten(form)).toEqual(grouped(given));
      }),
    );
  });

  test("what FormData writes is read as it was, files too", async () => {
    const file = fc
      .tuple(fc.uint8Array({ maxLength: 50 }), fc.constantFrom("a.txt", "ü b.png", "x"))
      .map(([bytes, name]) => new File([new Uint8Array(bytes)], name, { type: "application/x-thing" }));
    const value = fc.oneof(fc.string({ unit: "grapheme" }), file);
    const pairs = fc.array(fc.tuple(fc.constantFrom("a", "b", "__proto__", "ü"), value), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(pairs, async (given) => {
        const form = new FormData();
        for (const [name, each] of given) form.append(name, each);
        const request = new Request("http://x", { method: "POST", body: form });
        const bytes = new Uint8Array(await request.clone().arrayBuffer());
        const read1 = await read(bytes, request.headers.get("content-type") ?? "");
        const sent = [...(await request.formData())] as [string, string | File][];
        expect(await comparable(flatten(read1))).toEqual(await comparable(grouped(sent)));
      }),
      { numRuns: 60 },
    );
  });
});

/** Every name with all of its values, in order. */
function flatten(form: unknown): [string, unknown[]][] {
  return Object.entries((form ?? {}) as object).map(([name, value]) => [
    name,
    Array.isArray(value) ? value : [value],
  ]);
}

function grouped<V>(pairs: [string, V][]): [string, V[]][] {
  const names = [...new Set(pairs.map(([name]) => name))];
  return flatten(
    Object.assign(
      Object.create(null),
      {},
      ...names.map((name) => ({ [name]: pairs.filter(([n]) => n === name).map(([, v]) => v) })),
    ),
  ) as [string, V[]][];
}

async function comparable(fields: [string, unknown[]][]): Promise<unknown> {
  const describeValue = async (value: unknown) =>
    value instanceof File
      ? [value.name, value.type, Buffer.from(await value.arrayBuffer()).toString("hex")]
      : value;
  return Promise.all(
    fields.map(async ([name, values]) => [name, await Promise.all(values.map(describeValue))]),
  );
}
