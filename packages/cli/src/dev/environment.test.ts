import { expect, it } from "vitest";
import { handlerEnvironment, missingVariables } from "./environment.js";

it("takes a variable from ours, -e, the shell, .env, the config: in this order", () => {
  const all = ["A", "B", "C", "D", "E"];
  const first = (count: number, value: string) =>
    Object.fromEntries(all.slice(0, count).map((name) => [name, value]));
  const sources = {
    config: first(5, "config"),
    file: first(4, "file"),
    shell: first(3, "shell"),
    flags: first(2, "flag"),
    ours: first(1, "ours"),
  };
  expect(handlerEnvironment(sources)).toEqual({ A: "ours", B: "flag", C: "shell", D: "file", E: "config" });
});

it("finds required variables that are missing or empty", () => {
  expect(missingVariables(["HERE", "EMPTY", "ABSENT"], { HERE: "x", EMPTY: "" })).toEqual([
    "EMPTY",
    "ABSENT",
  ]);
});
