import type { TableItem } from "../../../packages/runtime/src/aws/table-shapes.js";
import { stringOf } from "./table.js";
import type { World } from "./world.js";

type Known = { status: string; attempt: number };

const ENDS = ["completed", "failed", "cancelled", "expired"];

/** What the table has come to say of each job, and what must hold of it, change by change. */
export class RecordLedger {
  readonly #world: World;
  readonly #known = new Map<string, Known>();
  readonly #claims = new Map<string, number>();
  /** Jobs that somebody was told are cancelled. */
  readonly counted = new Set<string>();

  constructor(world: World) {
    this.#world = world;
    world.table.onChange = (before, after) => this.#changed(before, after);
  }

  status(jobId: string): string {
    return this.#known.get(jobId)?.status ?? "none";
  }

  /** How often the job has been claimed. */
  claims(jobId: string): number {
    return this.#claims.get(jobId) ?? 0;
  }

  /** How many attempts its record counts. */
  attempts(jobId: string): number {
    return this.#known.get(jobId)?.attempt ?? 0;
  }

  /** Somebody's cancel was answered. */
  cancelled(jobIds: string[]): void {
    for (const jobId of jobIds) {
      this.#world.log(`${jobId} is counted as cancelled`);
      if (this.counted.has(jobId)) this.#world.fail(`${jobId} is counted as cancelled twice`);
      if (this.status(jobId) !== "cancelled")
        this.#world.fail(`${jobId} is counted as cancelled, and its record says ${this.status(jobId)}`);
      this.counted.add(jobId);
    }
  }

  #changed(before: TableItem | null, after: TableItem | null): void {
    if (stringOf((after ?? before)?.sk) !== "job") return;
    const jobId = stringOf((after ?? before)?.jobId);
    const was = toKnown(before);
    const is = toKnown(after);
    this.#world.log(
      `record ${jobId}: ${was?.status ?? "none"} ${was?.attempt ?? 0} → ${is?.status ?? "none"} ${is?.attempt ?? 0}`,
    );
    if (is?.status === "running" && is.attempt > (was?.attempt ?? 0))
      this.#claims.set(jobId, this.claims(jobId) + 1);
    if (is) this.#known.set(jobId, is);
    else this.#known.delete(jobId);
    if (!this.#isAllowed(was, is))
      this.#world.fail(
        `the record of ${jobId} was ${was?.status} ${was?.attempt}, and is ${is?.status} ${is?.attempt}`,
      );
  }

  #isAllowed(was: Known | null, is: Known | null): boolean {
    if (!is) return was?.status === "pending" && was.attempt === 0;
    if (!was) return is.status === "pending" || is.status === "running" || is.status === "expired";
    if (ENDS.includes(was.status)) return false;
    const isClaimed = is.status === "running" && is.attempt === was.attempt + 1;
    if (was.status === "running")
      return isClaimed || is.attempt === was.attempt || (is.status === "failed" && is.attempt < was.attempt);
    return isClaimed || is.status === "cancelled" || (is.status === "expired" && is.attempt === 0);
  }
}

function toKnown(item: TableItem | null): Known | null {
  return item && { status: stringOf(item.status), attempt: Number(stringOf(item.attempt)) };
}
