import { IAMClient } from "@aws-sdk/client-iam";
import { defineService } from "./service.js";

/** AWS IAM. Its rates are not published; roles are made in few and often throttled calls. */
export const iam = defineService({
  service: "iam",
  callsPerSecond: 20,
  create: (settings) => new IAMClient(settings),
});
