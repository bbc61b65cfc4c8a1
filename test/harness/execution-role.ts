import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand } from "@aws-sdk/client-iam";
import { allows, type IamRequest, type Statement } from "./iam/allows.js";
import { requestsOf } from "./iam/requests-of-code.js";
import { type Call, identifyCall } from "./moto-proxy/call.js";
import { createMotoClient } from "./moto-proxy/moto-client.js";
import { emptyReply, errorReply, type Reply } from "./moto-proxy/reply.js";
import type { Aws } from "./moto-proxy.js";

/** AWS as whoever has a role sees it: what the role's policies do not allow is denied. */
export type ExecutionRole = {
  /** AWS_ENDPOINT_URL of the code that has the role. */
  endpoint: string;
  /** Whether the role may do something now, asked of nobody else. */
  may: (request: IamRequest) => Promise<boolean>;
  /** What was sent to connections of a WebSocket API. */
  delivered: () => string[];
  /** What was denied so far: "sqs:SendMessage on arn:aws:sqs:…". */
  denied: () => string[];
  stop: () => void;
};

/**
 * Judges each call by the policies that the role has at moto at that moment, by action, resource and condition, which
 * moto's own enforcement does not: it goes by the action alone.
 */
export async function startExecutionRole(aws: Aws, roleName: string): Promise<ExecutionRole> {
  const { motoEndpoint, region, account } = aws;
  const moto = createMotoClient(motoEndpoint, region);
  const iam = new IAMClient({
    endpoint: motoEndpoint,
    region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const denied: string[] = [];
  const delivered: string[] = [];
  // Moto has no connections.
  const deliver = (call: Call): Reply => {
    delivered.push(call.body.toString("utf8"));
    return emptyReply(200);
  };

  async function statements(): Promise<Statement[]> {
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName: roleName }));
    const documents = await Promise.all(
      PolicyNames.map((PolicyName) => iam.send(new GetRolePolicyCommand({ RoleName: roleName, PolicyName }))),
    );
    return documents.flatMap(
      ({ PolicyDocument = "" }) => JSON.parse(decodeURIComponent(PolicyDocument)).Statement,
    );
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const call = identifyCall(
      request.method ?? "GET",
      request.url ?? "/",
      request.headers,
      Buffer.concat(chunks),
    );
    const asked = requestsOf(call, { region, account });
    const own = await statements();
    const refused = asked.find((each) => !allows(own, each));
    const what =
      asked.length === 0
        ? `${call.service}:${call.operation}`
        : refused && `${refused.action} on ${refused.resource} ${JSON.stringify(refused.context)}`;
    if (what) denied.push(`${roleName}: ${what}`);
    const message = `User: arn:aws:sts::${account}:assumed-role/${roleName}/x is not authorized to perform: ${what}`;
    const { status, headers, body } = what
      ? errorReply(call, { code: "AccessDeniedException", message })
      : call.service === "execute-api"
        ? deliver(call)
        : await moto.forward(call);
    response.writeHead(status, { ...headers, "content-length": body.length });
    response.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    may: async (request) => allows(await statements(), request),
    delivered: () => [...delivered],
    denied: () => [...denied],
    stop() {
      server.closeAllConnections();
      server.close();
      iam.destroy();
    },
  };
}
