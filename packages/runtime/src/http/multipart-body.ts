import { addField, emptyFields, type FieldValues } from "./field-values.js";
import { MAX_FORM_PARTS, tooManyParts } from "./form-body.js";
import { malformedBody } from "./problem-reply.js";

/**
 * Parses `multipart/form-data`. The parser is loaded when the first such body comes.
 *
 * @param contentType - the header, with its boundary
 * @throws HttpReply 422 when it is malformed or ends early, 413 for too many parts
 */
export async function parseMultipartBody(
  bytes: Buffer,
  contentType: string,
): Promise<FieldValues<string | File>> {
  const { Busboy } = await import("./multipart-parser.js");
  const entries: { name: string; toValue: () => string | File }[] = [];
  await new Promise<void>((resolve, reject) => {
    const refuse = () =>
      reject(malformedBody("The multipart form is malformed, or ends before its last boundary"));
    const busboy = makeParser(Busboy, contentType, bytes.length);
    if (!busboy) return refuse();
    busboy.on("partsLimit", () => reject(tooManyParts()));
    busboy.on("field", (name, value) => entries.push({ name: name ?? "", toValue: () => value }));
    busboy.on("file", (name, stream, filename, _encoding, type) => {
      const chunks: Uint8Array<ArrayBuffer>[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(new Uint8Array(chunk)));
      stream.on("error", refuse);
      entries.push({ name: name ?? "", toValue: () => new File(chunks, filename ?? "", { type }) });
    });
    busboy.on("error", refuse);
    busboy.on("finish", resolve);
    busboy.end(bytes);
  });
  const fields = emptyFields<string | File>();
  for (const { name, toValue } of entries) addField(fields, name, toValue());
  return fields;
}

type Parser = typeof import("@fastify/busboy").Busboy;

/** @returns null when the header has no boundary */
function makeParser(Busboy: Parser, contentType: string, maxBytes: number): InstanceType<Parser> | null {
  try {
    const limits = { parts: MAX_FORM_PARTS, fieldSize: maxBytes, fileSize: maxBytes };
    return new Busboy({ headers: { "content-type": contentType }, limits });
  } catch {
    return null;
  }
}
