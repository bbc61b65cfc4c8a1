import type { IamStatement } from "@queue-run/runtime/config";
import type { Problem } from "../../project/manifest.js";
import type {
  DesiredFunction,
  DesiredMapping,
  DesiredRole,
  DesiredSchedule,
  Tags,
  UnitId,
} from "../desired/desired-state.js";

/**
 * When a step may run: a phase begins when the one before it has ended.
 *
 * prepare  what older and newer code may need is there: queues, roles' policies widened, tables, log groups
 * code     functions, their new versions: nothing serves from them yet
 * switch   aliases, mappings, schedules: new code takes traffic
 * narrow   what only older code needed goes: policies, visibility timeouts
 * remove   what the project no longer has goes
 */
export const PHASES = ["prepare", "code", "switch", "narrow", "remove"] as const;
export type Phase = (typeof PHASES)[number];

/** One thing to do. What is printed is what is done: a plan holds nothing else. */
export type Step = {
  /** Distinct in its plan: "create-queue shop-prod-emails". */
  id: string;
  phase: Phase;
  /** Steps of the same phase that must have ended; earlier phases always have. */
  after: string[];
  unit: UnitId;
  operation: Operation;
  /** What a person reads: "create queue shop-prod-emails". Never a value of a variable. */
  text: string;
  changes: Change[];
};

/** A setting that a step changes; null: not set. Variables are named, their values never shown. */
export type Change = { setting: string; from: string | null; to: string | null };

/** Each is idempotent: running it again, also after its answer was lost, ends in the same state. */
export type Operation =
  | { type: "create-table"; name: string; tags: Tags }
  | { type: "enable-time-to-live"; table: string }
  | { type: "bill-on-demand"; table: string }
  | { type: "tag-table"; arn: string; tags: Tags; removedTags: string[] }
  | { type: "delete-table"; name: string }
  /** Attributes with `FifoQueue` where it is one. */
  | { type: "create-queue"; physicalName: string; attributes: Readonly<Record<string, string>>; tags: Tags }
  | { type: "set-queue-attributes"; physicalName: string; attributes: Readonly<Record<string, string>> }
  /** Only when nothing that waits is old enough to go with it; otherwise it is left for a later deploy. */
  | { type: "lower-retention"; physicalName: string; seconds: number }
  | { type: "tag-queue"; physicalName: string; tags: Tags; removedTags: string[] }
  /**
   * Watches that it stays empty, refuses new messages (`refusingPolicy`), looks again, deletes its mapping and both
   * queues; gives up, leaving them as they were, when a message is there: the steps after it are then left out, which
   * is no failure.
   */
  | {
      type: "delete-empty-queue";
      queue: string;
      deadLetterQueue: string | null;
      functionName: string | null;
      /** Queues whose jobs may push to this one, and this one's to them: they have to be empty as well. */
      fedBy: string[];
    }
  /** Whatever is in it. */
  | { type: "delete-queue"; physicalName: string }
  | { type: "create-role"; role: DesiredRole; statements: IamStatement[] }
  | { type: "put-role-policy"; roleName: string; statements: IamStatement[] }
  | { type: "update-trust"; role: DesiredRole }
  | { type: "tag-role"; roleName: string; tags: Tags; removedTags: string[] }
  | { type: "delete-role"; roleName: string }
  | { type: "create-log-group"; name: string; tags: Tags }
  | { type: "set-log-retention"; name: string; retentionDays: number }
  | { type: "tag-log-group"; name: string; tags: Tags; removedTags: string[] }
  | { type: "delete-log-group"; name: string }
  /** Publishes its first version, to which "create-alias" points the alias. */
  | { type: "create-function"; function: DesiredFunction }
  /** All versioned settings but code and architecture; QUEUE_RUN_URL where the function wants it and it is known. */
  | { type: "update-configuration"; function: DesiredFunction }
  /** With the architecture, which Lambda changes with the code only. */
  | { type: "update-code"; function: DesiredFunction }
  /** Its result is what a later "create-alias" or "update-alias" of this function takes. */
  | { type: "publish-version"; functionId: string; functionName: string; codeSha256: string }
  /** A null version is the last one that this plan published (or "create-function" did). */
  | { type: "create-alias"; functionId: string; functionName: string; version: string | null }
  | { type: "update-alias"; functionId: string; functionName: string; version: string | null }
  | { type: "allow-recursion"; functionName: string; recursiveLoop: "Allow" | "Terminate" }
  | {
      /** Of the alias `live`. */
      type: "set-async-invocation";
      functionName: string;
      settings: NonNullable<DesiredFunction["asyncInvocation"]> | null;
    }
  | { type: "tag-function"; arn: string; tags: Tags; removedTags: string[] }
  | { type: "delete-function"; functionName: string }
  | { type: "create-mapping"; functionName: string; mapping: DesiredMapping }
  | { type: "update-mapping"; uuid: string; functionName: string; mapping: DesiredMapping }
  | { type: "delete-mapping"; uuid: string; functionName: string }
  /** Of the alias `live`: open to all, streaming. Its result is the stage's address. */
  | { type: "create-function-url"; functionName: string }
  | { type: "update-function-url"; functionName: string }
  | { type: "delete-function-url"; functionName: string }
  /** On the alias `live`. */
  | { type: "add-permission"; functionName: string; statementId: PermissionId }
  | { type: "remove-permission"; functionName: string; statementId: PermissionId }
  /** Its result is the stage's address. */
  | { type: "create-api"; name: string; tags: Tags }
  /** Integration with the alias, `$default` route and stage: whatever of them is missing or different. */
  | { type: "connect-api"; name: string; functionArn: string }
  /** The WebSocket API. Its result is the socket's address. */
  | { type: "create-socket"; name: string; stageName: string; tags: Tags }
  /** Integration with the alias, the routes and the stage: whatever of them is missing or different. */
  | { type: "connect-socket"; name: string; stageName: string; functionArn: string }
  /** Of either kind, by its name. */
  | { type: "tag-api"; name: string; tags: Tags; removedTags: string[] }
  | { type: "delete-api"; name: string }
  | { type: "create-schedule-group"; name: string; tags: Tags }
  | { type: "tag-schedule-group"; arn: string; tags: Tags; removedTags: string[] }
  /** With whatever schedules are in it. */
  | { type: "delete-schedule-group"; name: string }
  /** Only when no schedule is in it: each may be a message that waits. Otherwise it is left. */
  | { type: "delete-empty-schedule-group"; name: string }
  | { type: "put-schedule"; group: string; roleArn: string; schedule: DesiredSchedule; exists: boolean }
  | { type: "delete-schedule"; group: string; name: string }
  /** The stage's variables. */
  | { type: "delete-parameter"; name: string };

/**
 * Statements on the alias `live` that let others invoke it. A public function URL needs two: `lambda:InvokeFunctionUrl`
 * with FunctionUrlAuthType NONE, and `lambda:InvokeFunction` with InvokedViaFunctionUrl (Lambda Developer Guide,
 * "Control access to function URLs"). An HTTP API and a WebSocket API need `lambda:InvokeFunction` for
 * apigateway.amazonaws.com.
 */
export type PermissionId = "queue-run-url" | "queue-run-invoke" | "queue-run-api" | "queue-run-socket";

/** What a deploy will do, and what it wants to say besides. */
export type Plan = {
  /** In an order in which they could be done one by one. */
  steps: Step[];
  /** "queues/old.ts is gone: its queue and consumer stay; --prune removes them once they are empty". */
  notes: string[];
  /** Nothing may be done while there is one: a name is taken by what is not ours, a version is gone. */
  problems: Problem[];
};
