import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AwsError } from "../../packages/runtime/src/aws/aws-error.js";
import type { HttpTransport } from "../../packages/runtime/src/aws/http-transport.js";
import type { TableClient } from "../../packages/runtime/src/aws/table-client.js";
import type { GetItemInput, UpdateItemInput } from "../../packages/runtime/src/aws/table-shapes.js";
import { configureInstance } from "../../packages/runtime/src/config/instance.js";
import { socket } from "../../packages/runtime/src/socket/socket.js";
import type {
  SocketAuthenticateArgument,
  SocketEvent,
  SocketUserEvent,
} from "../../packages/runtime/src/socket/socket-event.js";
import { socketPlace } from "../../packages/runtime/src/socket/testing/socket-place.js";
import { type Random, randomFrom } from "../harness/random.js";
import { DEV_TABLE, MOTO_TABLE, type RunningTable } from "./records/record-place.js";

/** Carries the calls of connections to a table, each after a while of its own, so that they overtake one another. */
function slowly(client: TableClient, random: Random): HttpTransport {
  return {
    async post(headers, body) {
      await sleep(random.between(0, 4));
      const input = JSON.parse(body);
      try {
        const output = headers["x-amz-target"]?.endsWith("GetItem")
          ? { Item: (await client.getItem(input as GetItemInput)) ?? undefined }
          : { Attributes: await client.updateItem(input as UpdateItemInput) };
        return { status: 200, headers: {}, body: JSON.stringify(output) };
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        const { name: __type, message, status } = error;
        return { status: status ?? 500, headers: {}, body: JSON.stringify({ __type, message }) };
      }
    },
    close() {},
  };
}

/** Who is connected: in every table that it must hold in, with everything at once. */
for (const place of [DEV_TABLE, MOTO_TABLE]) {
  const missing = place.missing();
  if (missing) console.log(`Connections in ${place.name} are skipped: ${missing}`);

  describe.skipIf(missing)(`connections in ${place.name}`, () => {
    let table: RunningTable;
    beforeAll(async () => {
      table = await place.start();
    });
    afterAll(async () => {
      configureInstance(null);
      await table?.stop();
    });

    it("are counted exactly, whatever comes, says who it is, goes and is found gone at once", async () => {
      const random = randomFrom();
      const seed = `SEED=${random.seed}`;
      const online = new Map<string, number>();
      const transitions = new Map<string, { online: number; offline: number }>();
      const count = (user: string, which: "online" | "offline") => {
        const counts = transitions.get(user) ?? { online: 0, offline: 0 };
        counts[which]++;
        transitions.set(user, counts);
      };
      const served = socketPlace(
        {
          socket: { default: ({ user }: SocketEvent) => user?.id },
          middleware: {
            authenticate: ({ data, query }: SocketAuthenticateArgument) => {
              const id = data ?? query.user;
              return typeof id === "string" ? { id } : null;
            },
            onOnline: ({ user }: SocketUserEvent) => count(user.id, "online"),
            onOffline: ({ user }: SocketUserEvent) => count(user.id, "offline"),
          },
        },
        { name: table.tableName, transport: slowly(table.client, random) },
      );
      const users = ["ada", "bob", "eve"];
      const userOf = () => users[random.between(0, users.length - 1)] ?? "ada";

      async function live(connection: string): Promise<void> {
        await sleep(random.between(0, 30));
        const byQuery = random.chance(0.5) ? { multiValueQueryStringParameters: { user: [userOf()] } } : {};
        await served.connect(connection, byQuery);
        const says = Array.from({ length: random.between(0, 3) }, () =>
          served.say(connection, JSON.stringify(userOf())),
        );
        if (random.chance(0.5)) await Promise.all(says);
        if (random.chance(0.2)) {
          served.gone.add(connection);
          await socket.to(users).send("anybody?");
        }
        const stays = random.chance(0.3);
        await Promise.all([...says, stays ? null : served.leave(connection)]);
        if (!stays || served.gone.has(connection)) return;
        const before = served.sent.get(connection)?.length ?? 0;
        await served.say(connection, "{}");
        const answers = served.sent.get(connection)?.slice(before) ?? [];
        const user = answers.find((text) => users.includes(text));
        if (user !== undefined) online.set(user, (online.get(user) ?? 0) + 1);
      }

      const connections = Array.from({ length: place.manyJobs }, (_, index) => `c${index}`);
      await Promise.all(connections.map(live));
      // Those that are gone and were never left are told of in the end, as API Gateway does.
      await Promise.all([...served.gone].map((connection) => served.leave(connection)));
      for (const user of users) {
        const { online: came, offline: went } = transitions.get(user) ?? { online: 0, offline: 0 };
        const isOnline = (online.get(user) ?? 0) > 0;
        expect([user, came - went], seed).toEqual([user, isOnline ? 1 : 0]);
        expect([user, await socket.isOnline(user)], seed).toEqual([user, isOnline]);
        expect([user, await socket.to(user).send("anybody?")], seed).toEqual([user, online.get(user) ?? 0]);
      }
    });
  });
}
