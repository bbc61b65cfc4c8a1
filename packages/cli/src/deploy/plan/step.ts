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
  | { type: "create-queue"; physicalName: string; attributes: Readonly<Record<string, string>>; tags: Tags }
  | { type: "set-queue-attributes"; physicalName: string; attributes: Readonly<Record<string, string>> }
  | { type: "tag-queue"; physicalName: string; tags: Tags; removedTags: string[] }
  /** Watches that it stays empty, refuses new messages, deletes; gives up, as it was, when a message is there. */
  | { type: "delete-empty-queue"; queue: string; deadLetterQueue: string | null; functionName: string | null }
  | { type: "create-role"; role: DesiredRole; statements: unknown[] }
  | { type: "put-role-policy"; roleName: string; statements: unknown[] }
  | { type: "update-trust"; role: DesiredRole }
  | { type: "tag-role"; roleName: string; tags: Tags; removedTags: string[] }
  | { type: "delete-role"; roleName: string }
  | { type: "create-log-group"; name: string; tags: Tags }
  | { type: "set-log-retention"; name: string; retentionDays: number }
  /** Publishes its first version, to which the alias points. */
  | { type: "create-function"; function: DesiredFunction }
  | { type: "update-configuration"; function: DesiredFunction }
  | { type: "update-code"; function: DesiredFunction }
  /** Its result is what "update-alias" of this function takes. */
  | { type: "publish-version"; functionId: string; functionName: string; codeSha256: string }
  | { type: "create-alias"; functionId: string; functionName: string; version: string | null }
  /** A null version is the one that this plan publishes. */
  | { type: "update-alias"; functionId: string; functionName: string; version: string | null }
  | { type: "allow-recursion"; functionName: string; recursiveLoop: "Allow" | "Terminate" }
  | { type: "set-reserved-concurrency"; functionName: string; concurrency: number | null }
  | {
      type: "set-async-invocation";
      functionName: string;
      settings: NonNullable<DesiredFunction["asyncInvocation"]> | null;
    }
  | { type: "tag-function"; arn: string; tags: Tags; removedTags: string[] }
  | { type: "delete-function"; functionName: string }
  | { type: "create-mapping"; mapping: DesiredMapping }
  | { type: "update-mapping"; uuid: string; mapping: DesiredMapping }
  | { type: "delete-mapping"; uuid: string; functionName: string }
  /** Its result is the stage's address. */
  | { type: "create-function-url"; functionName: string }
  | { type: "update-function-url"; functionName: string }
  | { type: "delete-function-url"; functionName: string }
  | { type: "add-permission"; functionName: string; statementId: string }
  | { type: "create-api"; name: string; tags: Tags }
  | { type: "connect-api"; name: string; functionArn: string }
  | { type: "delete-api"; name: string }
  | { type: "create-schedule-group"; name: string; tags: Tags }
  | { type: "put-schedule"; group: string; roleArn: string; schedule: DesiredSchedule; exists: boolean }
  | { type: "delete-schedule"; group: string; name: string };

/** What a deploy will do, and what it wants to say besides. */
export type Plan = {
  steps: Step[];
  /** "queues/old.ts is gone: its queue and consumer stay; --prune removes them once they are empty". */
  notes: string[];
};
