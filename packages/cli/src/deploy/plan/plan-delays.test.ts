import { describe, test } from "vitest";
import { checkDrift, type Drift, queue, SHOP, set, there } from "../testing/drift.js";

function addTag(resource: { tags: Readonly<Record<string, string>> }): void {
  resource.tags = { ...resource.tags, x: "y" };
}

const DRIFTS: Drift[] = [
  [
    "the tags of the group of delayed messages",
    SHOP,
    (s) => addTag(there(s.scheduleGroups.get("shop-prod-delayed"))),
    ["prepare tag-schedule-group shop-prod-delayed"],
  ],
  [
    "the group of delayed messages",
    SHOP,
    (s) => void s.scheduleGroups.delete("shop-prod-delayed"),
    ["prepare create-schedule-group shop-prod-delayed"],
  ],
  [
    "the role that sends delayed messages",
    SHOP,
    (s) => set(there(s.roles.get("shop-prod-delayed")), { policy: null }),
    ["prepare put-role-policy shop-prod-delayed"],
  ],
  [
    "how long undeliverable messages are kept",
    SHOP,
    (s) => {
      const undeliverable = queue(s, "shop-prod-_undeliverable");
      undeliverable.attributes = { ...undeliverable.attributes, MessageRetentionPeriod: "60" };
    },
    ["prepare set-queue-attributes shop-prod-_undeliverable"],
  ],
];

describe("what others changed is found, and mended, when everything is read", () => {
  test.each(DRIFTS)("%s", (...drift) => checkDrift(drift));
});
