import { nameOf } from "./call.js";
import type { Consistency, Quirk } from "./quirk.js";

/** Notes when roles and their policies were last changed: IAM takes its time to tell other services. */
export function roles({ policyMs }: Consistency): {
  quirk: Quirk;
  createdAt: (roleName: string) => number | null;
  isSettled: (roleName: string) => boolean;
} {
  const created = new Map<string, number>();
  const changed = new Map<string, number>();
  return {
    createdAt: (name) => created.get(name) ?? null,
    isSettled: (name) => Date.now() - (changed.get(name) ?? 0) >= policyMs,
    quirk: {
      after(call, reply) {
        if (call.service !== "iam" || reply.status >= 300) return reply;
        const name = new URLSearchParams(call.body.toString("utf8")).get("RoleName") ?? "";
        if (nameOf(call) === "iam:CreateRole") created.set(name, Date.now());
        if (/^(?:PutRolePolicy|AttachRolePolicy)$/.test(call.operation)) changed.set(name, Date.now());
        if (nameOf(call) === "iam:DeleteRole") created.delete(name);
        return reply;
      },
    },
  };
}
