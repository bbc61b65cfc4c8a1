import { AwsError } from "./aws-error.js";

/** An answer, read to its end. */
export type HttpAnswer = {
  status: number;
  /** Lower-case names; what comes several times is joined with commas. */
  headers: Record<string, string>;
  body: string;
};

/** As much as Node's own parser takes. */
const MAX_HEAD_BYTES = 16_384;
const NOTHING = Buffer.alloc(0);

type Head = Pick<HttpAnswer, "status" | "headers"> & { isHttp11: boolean };

/**
 * Where in an answer the next byte belongs. "body" is a body, or a chunk of one, of a known length; "rest" is a body that
 * ends with the connection.
 */
type Place = "head" | "body" | "rest" | "chunk size" | "chunk end" | "trailer" | "over";

/**
 * Reads one answer to a POST from a connection's bytes, however they are cut (RFC 9112, section 6: with a length, in
 * chunks, or to the connection's end).
 */
export class AnswerReader {
  #place: Place = "head";
  /** Bytes that are not understood yet: of a head, or of a line between chunks. */
  #unread: Buffer = NOTHING;
  #head: Head | null = null;
  #pieces: Buffer[] = [];
  /** Bytes of the body, or of the chunk, that are still to come. */
  #missing = 0;
  #isChunked = false;
  #endsWithConnection = false;

  /** Whether the connection can carry another request; to be asked when the answer is complete. */
  get leavesConnectionOpen(): boolean {
    if (this.#place !== "over" || this.#endsWithConnection || this.#unread.length > 0 || !this.#head)
      return false;
    const { isHttp11, headers } = this.#head;
    const { connection = "" } = headers;
    return isHttp11 ? !/\bclose\b/i.test(connection) : /\bkeep-alive\b/i.test(connection);
  }

  /**
   * @returns the answer, when these bytes complete it
   * @throws AwsError `InvalidAnswer` for what is not HTTP
   */
  add(bytes: Buffer): HttpAnswer | null {
    this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
    while (this.#advance());
    return this.#place === "over" ? this.#answer() : null;
  }

  /** The connection has ended: returns the answer, if it is one that ends so. */
  end(): HttpAnswer | null {
    if (this.#place !== "rest") return null;
    this.#place = "over";
    return this.#answer();
  }

  /** @returns whether there may be more to understand */
  #advance(): boolean {
    switch (this.#place) {
      case "head":
        return this.#readHead();
      case "body":
        return this.#readBody();
      case "rest":
        this.#take(this.#unread.length);
        return false;
      case "chunk size":
        return this.#readChunkSize();
      case "chunk end":
        return this.#readLine() === "" && this.#goTo("chunk size");
      case "trailer":
        return this.#readTrailer();
      default:
        return false;
    }
  }

  #readHead(): boolean {
    const end = this.#unread.indexOf("\r\n\r\n");
    if (end > MAX_HEAD_BYTES || (end < 0 && this.#unread.length > MAX_HEAD_BYTES))
      throw notHttp("Its head is too long");
    if (end < 0) return false;
    const head = parseHead(this.#unread.toString("latin1", 0, end));
    this.#unread = this.#unread.subarray(end + 4);
    // An interim answer: another one follows.
    if (head.status < 200) return true;
    this.#head = head;
    const { "transfer-encoding": coding, "content-length": length } = head.headers;
    this.#isChunked = coding !== undefined && /(?:^|,)\s*chunked\s*$/i.test(coding);
    if (head.status === 204 || head.status === 304) return this.#goTo("over");
    if (this.#isChunked) return this.#goTo("chunk size");
    if (coding !== undefined || length === undefined) {
      this.#endsWithConnection = true;
      return this.#goTo("rest");
    }
    if (!/^\d{1,15}$/.test(length)) throw notHttp(`Its length is ${length}`);
    this.#missing = Number(length);
    return this.#goTo("body");
  }

  #readBody(): boolean {
    this.#missing -= this.#take(Math.min(this.#missing, this.#unread.length));
    return this.#missing === 0 && this.#goTo(this.#isChunked ? "chunk end" : "over");
  }

  #readChunkSize(): boolean {
    const line = this.#readLine();
    if (line === null) return false;
    const size = /^([0-9a-f]{1,12})[\t ]*(?:;|$)/i.exec(line)?.[1];
    if (size === undefined) throw notHttp("It has a chunk without a size");
    this.#missing = Number.parseInt(size, 16);
    return this.#goTo(this.#missing === 0 ? "trailer" : "body");
  }

  #readTrailer(): boolean {
    const line = this.#readLine();
    return line !== null && (line === "" ? this.#goTo("over") : true);
  }

  /** @returns the next line without its end; null when it is not all there */
  #readLine(): string | null {
    const end = this.#unread.indexOf("\r\n");
    if (end > MAX_HEAD_BYTES || (end < 0 && this.#unread.length > MAX_HEAD_BYTES))
      throw notHttp("It has a line that is too long");
    if (end < 0) return null;
    const line = this.#unread.toString("latin1", 0, end);
    this.#unread = this.#unread.subarray(end + 2);
    if (this.#place === "chunk end" && line !== "")
      throw notHttp("It has a chunk of another size than it says");
    return line;
  }

  #take(count: number): number {
    if (count > 0) this.#pieces.push(this.#unread.subarray(0, count));
    this.#unread = this.#unread.subarray(count);
    return count;
  }

  #goTo(place: Place): true {
    this.#place = place;
    return true;
  }

  #answer(): HttpAnswer {
    const [only = NOTHING] = this.#pieces;
    const bytes = this.#pieces.length > 1 ? Buffer.concat(this.#pieces) : only;
    const { status = 0, headers = {} } = this.#head ?? {};
    return { status, headers, body: bytes.toString("utf8") };
  }
}

function parseHead(text: string): Head {
  const lines = text.split("\r\n");
  const [, minor, status] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/.exec(lines[0] ?? "") ?? [];
  if (status === undefined) throw notHttp("It does not begin as HTTP/1.1 does");
  const headers: Record<string, string> = Object.create(null);
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index] ?? "";
    const colon = line.indexOf(":");
    if (colon < 1) throw notHttp("It has a header without a name");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (name !== "content-length") headers[name] = `${before}, ${value}`;
    else if (before !== value) throw notHttp("It has two lengths");
  }
  return { status: Number(status), headers, isHttp11: minor === "1" };
}

function notHttp(why: string): AwsError {
  return new AwsError({
    name: "InvalidAnswer",
    message: `The answer is not HTTP: something other than AWS may be listening on the endpoint. ${why}`,
  });
}
