import { configureInstance, type InstanceConfig } from "@queue-run/runtime/instance";
import { awslambda } from "../dev/worker/response-stream.js";
import { fakeDate } from "./fake-date.js";

/** What a project changes in its test's process. */
export type ProcessChanges = {
  instance: InstanceConfig;
  /** Variables of the environment. */
  env: Readonly<Record<string, string>>;
  /** What `Date` is to tell, milliseconds since 1970; null: the real time. */
  now: (() => number) | null;
};

/** @returns a function that takes all of it back */
export function changeProcess({ instance, env, now }: ProcessChanges): () => void {
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, env);
  Object.assign(globalThis, { awslambda });
  const tellRealTime = now && fakeDate(now);
  configureInstance(instance);
  return () => {
    configureInstance(null);
    tellRealTime?.();
    Reflect.deleteProperty(globalThis, "awslambda");
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
