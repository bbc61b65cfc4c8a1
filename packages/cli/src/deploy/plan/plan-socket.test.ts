import { describe, expect, test } from "vitest";
import { checkDrift, type Drift, deployed, planned, set, there, without } from "../testing/drift.js";
import { deployToModel } from "../testing/model-deploy.js";
import { emptyStage, readModel } from "../testing/model-stage.js";
import { type TestProject, testDesired } from "../testing/test-project.js";
import { plan } from "./plan.js";
import { statementsOf } from "./policy-statements.js";

const SENDS = 'import { socket } from "queue-run"; socket.send(1);';
const CHAT: TestProject = {
  socket: {},
  queues: { answers: {}, quiet: {} },
  sources: { "queue:answers": SENDS },
};
const SOCKET = "shop-prod-socket";
const ANSWERS = "shop-prod-queue-answers";
const QUIET = "shop-prod-queue-quiet";

const steps = (project: TestProject, before = emptyStage(), options = {}) => {
  const desired = testDesired(project);
  const all = { prune: false, refresh: false, ...options };
  return plan(desired, readModel(before, desired, all), all);
};

test("the API is made before the roles that name it, and takes connections when its function serves", () => {
  const told = steps({ socket: {} }, deployed({})).steps.map(({ phase, id, after }) =>
    [`${phase} ${id}`, ...after].join(" < "),
  );
  expect(told).toEqual([
    "prepare create-socket shop-prod-socket",
    "prepare create-role shop-prod-socket < create-socket shop-prod-socket",
    "prepare create-log-group /aws/lambda/shop-prod-socket",
    "prepare set-log-retention /aws/lambda/shop-prod-socket < create-log-group /aws/lambda/shop-prod-socket",
    "code create-function shop-prod-socket",
    "switch create-alias shop-prod-socket",
    "switch add-permission queue-run-socket shop-prod-socket < create-alias shop-prod-socket",
    "switch connect-socket shop-prod-socket < create-alias shop-prod-socket < add-permission queue-run-socket shop-prod-socket",
  ]);
});

test("all functions know its address; those that send to connections may, of this API alone", () => {
  const stage = deployed(CHAT);
  const { id = "", url } = stage.socketApi ?? {};
  for (const name of [SOCKET, ANSWERS, QUIET])
    expect(stage.functions.get(name)?.latest.environment.QUEUE_RUN_SOCKET_URL).toBe(url);
  const resources = (name: string) =>
    statementsOf(there(stage.roles.get(name)).policy)
      .filter(({ Action }) => [Action].flat().includes("execute-api:ManageConnections"))
      .flatMap(({ Resource }) => Resource);
  const own = ["DELETE", "POST"].map(
    (method) => `arn:aws:execute-api:eu-west-1:123456789012:${id}/prod/${method}/@connections/*`,
  );
  expect(resources(SOCKET)).toEqual(own);
  expect(resources(ANSWERS)).toEqual(own);
  expect(resources(QUIET)).toEqual([]);
  const items = JSON.stringify(there(stage.roles.get(ANSWERS)).policy);
  expect(items).toContain('"dynamodb:LeadingKeys":["connection#*","user#*"]');
  expect(JSON.stringify(there(stage.roles.get(QUIET)).policy)).not.toContain("connection#");
});

test("a project without a socket may import it, and gets nothing of it", () => {
  const { socketApi, roles } = deployed({ ...CHAT, socket: undefined });
  expect(socketApi).toBeNull();
  expect(JSON.stringify(there(roles.get(ANSWERS)).policy)).not.toContain("execute-api");
});

describe("what others changed is found, and mended, when everything is read", () => {
  const api = (stage: ReturnType<typeof deployed>) => there(stage.socketApi);
  test.each<Drift>([
    [
      "the integration",
      CHAT,
      (s) => set(api(s), { integrationUri: "other" }),
      [`switch connect-socket ${SOCKET}`],
    ],
    ["a route", CHAT, (s) => set(api(s), { routes: ["$connect"] }), [`switch connect-socket ${SOCKET}`]],
    ["its stage", CHAT, (s) => set(api(s), { hasStage: false }), [`switch connect-socket ${SOCKET}`]],
    [
      "the permission",
      CHAT,
      (s) => void s.permissions.delete(SOCKET),
      [`switch add-permission queue-run-socket ${SOCKET}`],
    ],
    [
      "its tags",
      CHAT,
      (s) => set(api(s), { tags: { ...without(api(s).tags, "queue-run:kind"), x: "y" } }),
      [`prepare tag-api ${SOCKET}`],
    ],
    [
      "who may send to connections",
      CHAT,
      (s) => set(there(s.roles.get(ANSWERS)), { policy: null }),
      [`prepare put-role-policy ${ANSWERS}`],
    ],
  ])("%s", (...drift) => checkDrift(drift));

  test("the API itself: another one has another address, which all functions get and policies name", () => {
    const stage = deployed(CHAT);
    stage.socketApi = null;
    const ids = planned(stage, CHAT, true);
    expect(ids).toEqual(
      expect.arrayContaining([
        `prepare create-socket ${SOCKET}`,
        // The one that is there lets in the API that is gone.
        `switch add-permission queue-run-socket ${SOCKET}`,
        ...[SOCKET, ANSWERS].flatMap((name) => [
          `prepare put-role-policy ${name}`,
          `narrow put-role-policy ${name} (narrow)`,
        ]),
        ...[SOCKET, ANSWERS, QUIET].map((name) => `code update-configuration ${name}`),
      ]),
    );
    deployToModel(stage, testDesired(CHAT), { refresh: true });
    expect(planned(stage, CHAT, true)).toEqual([]);
    const policy = JSON.stringify(there(stage.roles.get(ANSWERS)).policy);
    expect(policy).toContain(
      `:${readModel(stage, testDesired(CHAT), { refresh: true }).socket?.api?.id}/prod/POST/`,
    );
  });
});

describe("without its file", () => {
  const GONE: TestProject = { queues: { answers: {}, quiet: {} }, sources: CHAT.sources };

  test("the socket stays, with its address, and a deploy says so", () => {
    const stage = deployed(CHAT);
    expect(steps(GONE, stage).notes).toEqual([
      "the socket has no file any more: its function and its address stay; --prune removes them",
    ]);
    deployToModel(stage, testDesired(GONE));
    expect(stage.socketApi).not.toBeNull();
  });

  test("--prune removes its function, then the API", () => {
    const stage = deployed(CHAT);
    const ids = steps(GONE, stage, { prune: true }).steps.map(({ id }) => id);
    expect(ids.filter((id) => id.startsWith("delete-"))).toEqual([
      `delete-function ${SOCKET}`,
      `delete-role ${SOCKET}`,
      `delete-api ${SOCKET}`,
    ]);
    deployToModel(stage, testDesired(GONE), { prune: true });
    expect(stage.socketApi).toBeNull();
    expect(steps(GONE, stage, { prune: true, refresh: true }).steps).toEqual([]);
  });

  test("the API stays while a queue is drained whose jobs send to it", () => {
    const stage = deployed(CHAT);
    const project: TestProject = { queues: { quiet: {} } };
    deployToModel(stage, testDesired(project), { prune: true, full: new Set(["shop-prod-answers"]) });
    expect(stage.functions.has(SOCKET)).toBe(false);
    expect(stage.socketApi).not.toBeNull();
    deployToModel(stage, testDesired(project), { prune: true });
    expect(stage.socketApi).toBeNull();
  });

  test("an API that a dead deploy left behind goes", () => {
    const stage = deployed({});
    deployToModel(stage, testDesired({ socket: {} }), { steps: 1, dies: true });
    expect(stage.socketApi).not.toBeNull();
    deployToModel(stage, testDesired({}), { prune: true });
    expect(stage.socketApi).toBeNull();
  });

  test("an API is found although it is not listed, and nothing else of the socket is left", () => {
    const stage = deployed(CHAT);
    const allButTheApi = steps(GONE, stage, { prune: true }).steps.length - 1;
    deployToModel(stage, testDesired(GONE), { prune: true, steps: allButTheApi, dies: true });
    expect([stage.functions.has(SOCKET), stage.roles.has(SOCKET)]).toEqual([false, false]);
    stage.unlisted.add(`arn:aws:apigateway::/apis/${there(stage.socketApi).id}`);
    deployToModel(stage, testDesired(GONE), { prune: true, isGoingBack: true });
    expect(stage.socketApi).not.toBeNull();
    deployToModel(stage, testDesired(GONE), { prune: true });
    expect(stage.socketApi).toBeNull();
  });
});
