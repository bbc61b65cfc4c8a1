import type { DesiredRole, StageScope } from "./desired-state.js";

/**
 * Who may assume a role that EventBridge Scheduler uses: its own schedules, and nobody else's. EventBridge Scheduler
 * User Guide, "Confused deputy prevention".
 */
export function schedulerTrust({ account }: StageScope, groupArn: string): DesiredRole["trust"] {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "scheduler.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:SourceAccount": account, "aws:SourceArn": groupArn } },
      },
    ],
  };
}
