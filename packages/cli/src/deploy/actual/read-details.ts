import type { Aws } from "../aws/connect.js";
import type { DesiredState } from "../desired/desired-state.js";
import { functionName } from "../desired/resource-names.js";
import { inParallel } from "../in-parallel.js";
import type { ActualDetails, ActualSummary, DetailsToRead } from "./actual-state.js";
import { listApis } from "./read-api.js";
import { readDelays } from "./read-delays.js";
import { readEndpoint } from "./read-endpoint.js";
import { readFunction } from "./read-function.js";
import { readLogGroups } from "./read-log-groups.js";
import { readQueue } from "./read-queue.js";
import { readScheduling } from "./read-scheduling.js";
import { readSocket } from "./read-socket.js";
import { readTable } from "./read-table.js";

/** How many resources of a kind are read at once; the services' own rates hold the calls besides. */
const PARALLEL_READS = 12;

/** The second stride: everything about those units that may differ. */
export async function readDetails(
  aws: Aws,
  desired: DesiredState,
  summary: ActualSummary,
  toRead: DetailsToRead,
): Promise<ActualDetails> {
  const { scope } = desired;
  const apis = toRead.endpoint || toRead.socket ? listApis(aws) : Promise.resolve([]);
  // Of a function that the project does not have, the lists say whether it is there.
  const mayBeThere = (id: "api" | "socket") =>
    (id === "api" ? desired.endpoint : desired.socket) !== null ||
    toRead.functions.some(({ physicalName }) => physicalName === functionName(scope, id));
  const [table, queues, functions, endpoint, socket, scheduling, delays] = await Promise.all([
    toRead.table ? readTable(aws, desired.table.name) : undefined,
    readEach(toRead.queues, (name) => readQueue(aws, name)),
    readFunctions(aws, summary, toRead),
    toRead.endpoint ? readEndpoint(aws, scope, apis, mayBeThere("api")) : undefined,
    toRead.socket ? readSocket(aws, scope, apis, mayBeThere("socket")) : undefined,
    toRead.scheduling ? readScheduling(aws, desired.scope, summary.scheduleNames) : undefined,
    toRead.delays ? readDelays(aws, desired.scope) : undefined,
  ]);
  return { table, queues, functions, endpoint, socket, scheduling, delays };
}

async function readFunctions(
  aws: Aws,
  { tagged }: ActualSummary,
  { functions }: DetailsToRead,
): Promise<ActualDetails["functions"]> {
  const logGroups = await readLogGroups(
    aws,
    functions.map(({ logGroup }) => logGroup),
    tagged,
  );
  const byName = new Map(functions.map((each) => [each.physicalName, each]));
  return readEach([...byName.keys()], async (name) => {
    const each = byName.get(name);
    return each ? readFunction(aws, each, logGroups.get(each.logGroup) ?? null) : null;
  });
}

async function readEach<T>(
  names: readonly string[],
  read: (name: string) => Promise<T>,
): Promise<Record<string, T>> {
  const entries = await inParallel(names, PARALLEL_READS, async (name) => [name, await read(name)] as const);
  return Object.fromEntries(entries);
}
