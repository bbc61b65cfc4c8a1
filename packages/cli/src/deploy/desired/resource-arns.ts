import type { StageScope } from "./desired-state.js";

/** The alias that everything invokes. */
export const LIVE_ALIAS = "live";

type Place = Pick<StageScope, "partition" | "account" | "region">;

export function queueArn({ partition, region, account }: Place, physicalName: string): string {
  return `arn:${partition}:sqs:${region}:${account}:${physicalName}`;
}

export function functionArn({ partition, region, account }: Place, name: string): string {
  return `arn:${partition}:lambda:${region}:${account}:function:${name}`;
}

/** Of the alias that serves. */
export function liveArn(place: Place, functionName: string): string {
  return `${functionArn(place, functionName)}:${LIVE_ALIAS}`;
}

/** @param path - with slashes at both ends */
export function roleArn({ partition, account }: Place, path: string, name: string): string {
  return `arn:${partition}:iam::${account}:role${path}${name}`;
}

export function logGroupArn({ partition, region, account }: Place, name: string): string {
  return `arn:${partition}:logs:${region}:${account}:log-group:${name}`;
}

export function tableArn({ partition, region, account }: Place, name: string): string {
  return `arn:${partition}:dynamodb:${region}:${account}:table/${name}`;
}

export function scheduleGroupArn({ partition, region, account }: Place, name: string): string {
  return `arn:${partition}:scheduler:${region}:${account}:schedule-group/${name}`;
}

/** @param name - of a schedule in the group, or "*" */
export function scheduleArn({ partition, region, account }: Place, group: string, name: string): string {
  return `arn:${partition}:scheduler:${region}:${account}:schedule/${group}/${name}`;
}

/** "arn:aws:dynamodb:…:table/NAME", "arn:aws:lambda:…:function:NAME" → NAME */
export function nameInArn(arn: string): string {
  return arn.split(/[:/]/).at(-1) ?? arn;
}
