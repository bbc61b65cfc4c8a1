import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import type { Command } from "commander";
import type { Stage, StageFlags } from "../deploy/manage/open-stage.js";
import { fileUnreadableError } from "../errors/dev-errors.js";
import { noValueError, variableNotSetError } from "../errors/variable-errors.js";
import type { CommandIo, GlobalOptions } from "./command.js";
import { readStandardInput } from "./payload-argument.js";
import { addStageOptions } from "./stage-options.js";

type EnvFlags = GlobalOptions & StageFlags & { json?: boolean; file?: string; now?: boolean };

const NOW = "--now";
const NOW_HELP = "put it in place at once: publish what serves again with it";

/** `queue-run env`: the variables of a deployed stage, kept in one encrypted parameter. */
export function configure(parent: Command, io: CommandIo): void {
  const add = (usage: string, description: string) =>
    addStageOptions(parent.command(usage).description(description)).option("--json", "print JSON");
  const open = async (command: Command) => {
    const flags = command.optsWithGlobals<EnvFlags>();
    const { openStage } = await import("../deploy/manage/open-stage.js");
    return { flags, stage: await openStage(flags, io) };
  };
  const print = ({ json }: EnvFlags, value: unknown, text: string) =>
    io.stdout.write(`${json ? JSON.stringify(value) : text}\n`);

  const changed = async (stage: Stage, flags: EnvFlags, json: object, text: string) => {
    if (!flags.now) return print(flags, json, `${text}: in place with the next deploy.`);
    if (!flags.json) print(flags, json, `${text}.`);
    await putInPlace(stage, flags, io);
  };

  const ls = add("ls", "list the names of the stage's variables");
  ls.action(async () => {
    const { flags, stage } = await open(ls);
    const { readStageVariables } = await import("../deploy/actual/stage-variables.js");
    const names = Object.keys(await readStageVariables(stage.aws, stage)).sort();
    print(flags, { names }, names.length > 0 ? names.join("\n") : "No variables are set.");
  });

  const get = add("get <name>", "print a variable's value");
  get.action(async (name: string) => {
    const { flags, stage } = await open(get);
    const { readStageVariables } = await import("../deploy/actual/stage-variables.js");
    const variables = await readStageVariables(stage.aws, stage);
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value === undefined) throw variableNotSetError([name], flags.stage);
    print(flags, { name, value }, value);
  });

  const set = add(
    "set [variables...]",
    "set NAME=VALUE; or NAME, whose value is asked for or read from standard input",
  )
    .option("--file <file>", "set every variable of a file like .env")
    .option(NOW, NOW_HELP);
  set.action(async (given: string[]) => {
    const flags = set.optsWithGlobals<EnvFlags>();
    const values = { ...readFile(flags), ...(await readValues(given, io)) };
    if (Object.keys(values).length === 0) throw noValueError("NAME");
    const { stage } = await open(set);
    if (flags.now) await refuseUndeployed(stage);
    const { setVariables } = await import("../deploy/manage/env/write-variables.js");
    await setVariables(stage, values);
    const names = Object.keys(values);
    await changed(stage, flags, { set: names }, `Set ${names.join(", ")}`);
  });

  const rm = add("rm <names...>", "remove variables").option(NOW, NOW_HELP);
  rm.action(async (given: string[]) => {
    const names = [...new Set(given)];
    const { flags, stage } = await open(rm);
    if (flags.now) await refuseUndeployed(stage);
    const { removeVariables } = await import("../deploy/manage/env/write-variables.js");
    await removeVariables(stage, names);
    await changed(stage, flags, { removed: names }, `Removed ${names.join(", ")}`);
  });
}

/** Where nothing serves, nothing can be published again: said before anything is changed. */
async function refuseUndeployed(stage: Stage): Promise<void> {
  const { readDeployedStage } = await import("../deploy/manage/deployed-stage.js");
  await readDeployedStage(stage);
}

/** Publishes what serves again, with the stage's variables as they are now. */
async function putInPlace(stage: Stage, { json = false }: EnvFlags, io: CommandIo): Promise<void> {
  const { prepareRollback } = await import("../deploy/manage/rollback/prepare-rollback.js");
  const { carryOut } = await import("../deploy/carry-out.js");
  const planning = { prune: false, refresh: false, isGoingBack: true };
  await carryOut(
    await prepareRollback(stage, "serving"),
    { ...planning, dryRun: false, yes: true, json },
    io,
  );
}

function readFile({ file, cwd }: EnvFlags): Record<string, string> {
  if (file === undefined) return {};
  const path = resolve(cwd, file);
  try {
    const parsed = parseEnv(readFileSync(path, "utf8"));
    return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, value ?? ""]));
  } catch (error) {
    throw fileUnreadableError(path, error, "Give --file a file of lines NAME=VALUE.");
  }
}

/** `NAME=VALUE` as it is; a value that is not on the command line is in nobody's history. */
async function readValues(given: readonly string[], io: CommandIo): Promise<Record<string, string>> {
  const values: [string, string][] = [];
  for (const each of given) {
    const equals = each.indexOf("=");
    if (equals === -1) values.push([each, await askValue(each, given.length, io)]);
    else values.push([each.slice(0, equals), each.slice(equals + 1)]);
  }
  return Object.fromEntries(values);
}

async function askValue(name: string, count: number, { isTerminal }: CommandIo): Promise<string> {
  if (isTerminal && process.stdin.isTTY) {
    const { isCancel, password } = await import("@clack/prompts");
    const answer = await password({ message: `${name}:` });
    if (isCancel(answer) || !answer) throw noValueError(name);
    return answer;
  }
  // Standard input has one value.
  const value = count === 1 && !process.stdin.isTTY ? (await readStandardInput()).replace(/\r?\n$/, "") : "";
  if (value === "") throw noValueError(name);
  return value;
}
