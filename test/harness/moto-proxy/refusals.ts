import type { Quirk } from "./quirk.js";
import { errorReply } from "./reply.js";

/** What moto refuses by IAM, as each service says it: moto says it in XML to all of them. */
export const refusals: Quirk = {
  after(call, reply) {
    if (reply.status < 400 || call.protocol === "query") return reply;
    const text = reply.body.toString("utf8");
    const code = /<Code>([^<]*)<\/Code>/.exec(text)?.[1];
    if (code === undefined) return reply;
    const message = /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? code;
    const name = code === "AccessDenied" ? "AccessDeniedException" : code;
    return errorReply(call, { code: name, message, status: reply.status });
  },
};
