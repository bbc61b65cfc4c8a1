import { pathToFileURL } from "node:url";
import {
  DUMMY_KEYS,
  type InstanceConfig,
  localQueueNames,
  type QueueLink,
} from "@queue-run/runtime/instance";
import { toBundledQueue } from "../build/bundled-queue.js";
import type { Manifest } from "../project/manifest.js";
import { findOpenTelemetry } from "../project/open-telemetry.js";
import { LOCAL_DELAYS } from "./services/delays-service.js";
import { LOCAL_TABLE } from "./services/table-service.js";

/** Where an SQS endpoint is, and how its queues' URLs begin. One on another machine has to be allowed. */
export type SqsPlace = {
  endpoint: string;
  queueUrlPrefix: string;
  region: string;
  allowRemoteEndpoint?: boolean;
};

/** Where an instance finds what it calls. */
export type Places = {
  sqs: SqsPlace;
  /** The endpoint of the dev server's other services. */
  services: string;
  baseUrl: string;
};

/** What every instance of a project knows in development. */
export function instanceConfig(
  manifest: Pick<Manifest, "root" | "name" | "queues" | "socket">,
  { sqs, services, baseUrl }: Places,
): InstanceConfig {
  const queues: Record<string, QueueLink> = {};
  for (const definition of manifest.queues) {
    const { queue, deadLetterQueue } = localQueueNames(definition.name);
    queues[definition.name] = {
      ...toBundledQueue(definition),
      physicalName: queue,
      deadLetterPhysicalName: deadLetterQueue,
    };
  }
  const openTelemetry = findOpenTelemetry(manifest.root);
  return {
    project: manifest.name,
    stage: "dev",
    queues,
    sqs: { ...sqs, credentials: DUMMY_KEYS },
    table: { name: LOCAL_TABLE, endpoint: services },
    delays: { ...LOCAL_DELAYS, endpoint: services },
    ...(manifest.socket !== null && {
      socket: { endpoint: services, url: baseUrl.replace(/^http/, "ws") },
    }),
    baseUrl,
    readableLogs: true,
    ...(openTelemetry !== null && { openTelemetry: pathToFileURL(openTelemetry).href }),
  };
}
