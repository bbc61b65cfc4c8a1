import {
  CreateScheduleGroupCommand,
  GetScheduleCommand,
  ListSchedulesCommand,
  SchedulerClient,
} from "@aws-sdk/client-scheduler";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestClock } from "../../packages/cli/src/clock/test-clock.js";
import { delaysService, LOCAL_DELAYS } from "../../packages/cli/src/dev/services/delays-service.js";
import { localServices } from "../../packages/cli/src/dev/services/local-services.js";
import { servicesListener } from "../../packages/cli/src/dev/services/services-listener.js";
import { createBroker } from "../../packages/cli/src/local-sqs/broker/create-broker.js";
import { startSqsServer } from "../../packages/cli/src/local-sqs/server.js";
import { MemoryStorage } from "../../packages/cli/src/local-sqs/storage/memory-storage.js";
import {
  connectScheduler,
  type SchedulerClient as OurClient,
} from "../../packages/runtime/src/aws/scheduler-client.js";
import type { QueueLink } from "../../packages/runtime/src/config/instance.js";
import { toSchedule } from "../../packages/runtime/src/queue/delayed-message.js";
import { motoMissing, startMoto } from "../harness/moto.js";

/** An EventBridge Scheduler that our client must get along with. */
type Place = { name: string; missing: () => string | null; start: () => Promise<Running> };
type Running = { endpoint: string; stop: () => Promise<void> };

const MOTO: Place = { name: "moto", missing: motoMissing, start: startMoto };

const DEVELOPMENT: Place = {
  name: "the Scheduler of development",
  missing: () => null,
  async start() {
    const delays = delaysService({
      openStorage: async () => new MemoryStorage(),
      isEmpty: () => true,
      clock: createTestClock(),
      send: async () => {},
      onUndelivered: () => {},
      onInternalError: (error) => {
        throw error;
      },
    });
    const services = localServices({
      sqs: null,
      table: delays.ask,
      delays: delays.ask,
      connections: delays.ask,
    });
    const broker = await createBroker();
    const server = await startSqsServer({ broker, port: 0, others: servicesListener(() => services) });
    return {
      endpoint: `http://127.0.0.1:${server.port}`,
      async stop() {
        await server.close();
        await delays.close();
        await broker.close();
      },
    };
  },
};

const KEYS = { accessKeyId: "local", secretAccessKey: "local" };
const GROUP = LOCAL_DELAYS.scheduleGroup;
const FALLS_DUE = Date.UTC(2031, 1, 28, 23, 59, 59, 1);

for (const place of [DEVELOPMENT, MOTO]) {
  const reason = place.missing();
  if (reason !== null) console.log(`${place.name} is left out: ${reason}`);

  describe.skipIf(reason !== null)(`messages that wait in ${place.name}`, () => {
    let running: Running;
    let ours: OurClient;
    let theirs: SchedulerClient;

    beforeAll(async () => {
      running = await place.start();
      const { endpoint } = running;
      ours = connectScheduler({
        sqs: { region: "us-east-1", credentials: KEYS, queueUrlPrefix: "http://127.0.0.1/000000000000/" },
        delays: { ...LOCAL_DELAYS, endpoint },
      });
      theirs = new SchedulerClient({ region: "us-east-1", credentials: KEYS, endpoint });
      if (place === MOTO) await theirs.send(new CreateScheduleGroupCommand({ Name: GROUP }));
    });
    afterAll(async () => {
      ours?.close();
      theirs?.destroy();
      await running?.stop();
    });

    const link: QueueLink = {
      name: "mail",
      fifo: false,
      physicalName: "shop-prod-mail",
      deadLetterPhysicalName: "shop-prod-mail-dlq",
      jobs: null,
      maxPayloadBytes: null,
      track: false,
    };
    const scheduleOf = (jobId: string, body = "aGk=", group = GROUP) =>
      toSchedule({
        delays: { ...LOCAL_DELAYS, scheduleGroup: group },
        link,
        queueUrl: "http://127.0.0.1/000000000000/shop-prod-mail",
        message: { MessageBody: body },
        jobId,
        dueAt: FALLS_DUE,
        now: Date.UTC(2031, 0, 1),
      });

    it("are what the SDK finds there", async () => {
      const schedule = scheduleOf("one");
      expect(await ours.create(schedule)).toBe(true);
      const found = await theirs.send(new GetScheduleCommand({ Name: schedule.Name, GroupName: GROUP }));
      expect(found).toMatchObject({
        Name: schedule.Name,
        GroupName: GROUP,
        ScheduleExpression: "at(2031-03-01T00:00:00)",
        ScheduleExpressionTimezone: "UTC",
        FlexibleTimeWindow: { Mode: "OFF" },
        ActionAfterCompletion: "DELETE",
        State: "ENABLED",
        Target: { Arn: "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", RoleArn: LOCAL_DELAYS.roleArn },
      });
      expect(JSON.parse(found.Target?.Input ?? "")).toEqual({
        QueueUrl: "http://127.0.0.1/000000000000/shop-prod-mail",
        MessageBody: "aGk=",
      });
    });

    it("may be as large as a schedule's input can be", async () => {
      const body = Buffer.alloc(180 * 1_024, "é").toString("base64");
      const schedule = scheduleOf("large", body);
      expect(await ours.create(schedule)).toBe(true);
      const found = await theirs.send(new GetScheduleCommand({ Name: schedule.Name, GroupName: GROUP }));
      expect(JSON.parse(found.Target?.Input ?? "").MessageBody).toBe(body);
    });

    it("are there once, whoever asks for it again", async () => {
      const schedule = scheduleOf("again");
      await ours.create(schedule);
      await ours.create({ ...schedule, ClientToken: "another" });
      const prefix = { GroupName: GROUP, NamePrefix: schedule.Name };
      const { Schedules } = await theirs.send(new ListSchedulesCommand(prefix));
      expect(Schedules).toHaveLength(1);
    });

    it("are taken back once", async () => {
      const schedule = scheduleOf("back");
      await ours.create(schedule);
      expect(await ours.delete(schedule.Name, GROUP)).toBe(true);
      expect(await ours.delete(schedule.Name, GROUP)).toBe(false);
      const prefix = { GroupName: GROUP, NamePrefix: schedule.Name };
      expect((await theirs.send(new ListSchedulesCommand(prefix))).Schedules ?? []).toEqual([]);
    });

    // moto answers 500.
    it.skipIf(place === MOTO)("need their group", async () => {
      const create = ours.create(scheduleOf("lost", "aGk=", "another"));
      await expect(create).rejects.toMatchObject({ name: "ResourceNotFoundException", status: 404 });
    });
  });
}
