import { onTestFinished } from "vitest";
import { temporaryProject } from "../project/temporary-project.js";
import { projectStarter } from "./start-project.js";
import type { StartOptions, TestProject } from "./test-project.js";

/**
 * For tests of this folder: starts a project of these files, whose time is noon of 2027-01-01. What its handlers give
 * `note` is in the list.
 */
export async function startTestProject(
  files: Record<string, string>,
  options: StartOptions = {},
): Promise<{ project: TestProject; noted: unknown[] }> {
  const noted: unknown[] = [];
  Object.assign(globalThis, {
    note: (...values: unknown[]) => noted.push(values.length === 1 ? values[0] : values),
  });
  const { root, dispose } = temporaryProject(files);
  onTestFinished(dispose);
  const project = await projectStarter({ root })({ now: "2027-01-01T12:00:00Z", quiet: true, ...options });
  onTestFinished(() => project.stop());
  return { project, noted };
}

/** A queue's file: it notes what it is given, fails when told to, and pushes what it is to push next. */
export const emails = `
  import { queues } from "queue-run";
  export const queue = queues.self();
  export default async function (payload, { attempt }) {
    note("default", payload, attempt);
    if (payload?.fail) throw new Error("no");
    if (payload?.next) await queue.push(payload.next);
    return payload;
  }
  export async function welcome(payload) { note("welcome", payload); }
`;
