import { relative, resolve } from "node:path";
import { type Command, Option } from "commander";
import { initCancelledError } from "../errors/init-errors.js";
import { FIRST_REQUEST, TEMPLATES, type Template, writeNewProject } from "../project/new-project.js";
import type { CommandIo, GlobalOptions } from "./command.js";

const DEFAULT_TEMPLATE: Template = "queue";

/** `queue-run init [dir]`: a new project that runs. Asks only on a terminal, and only what was not said. */
export function configure(command: Command, io: CommandIo): void {
  command
    .argument("[dir]", "the project's folder (default: this one)")
    .addOption(new Option("--template <name>", "what to start with").choices(Object.keys(TEMPLATES)))
    .action(async (dir: string | undefined) => {
      const options = command.optsWithGlobals<GlobalOptions & { template?: Template }>();
      const answers = io.isTerminal
        ? await ask(dir, options.template)
        : { dir: dir ?? ".", template: options.template };
      const template = answers.template ?? DEFAULT_TEMPLATE;
      const folder = resolve(options.cwd, answers.dir);
      const files = writeNewProject(folder, template);
      const place = relative(options.cwd, folder);
      io.stdout.write(`${files.map((file) => `  ${file}`).join("\n")}\n\n${nextSteps(place, template)}\n`);
    });
}

async function ask(
  dir: string | undefined,
  template: Template | undefined,
): Promise<{ dir: string; template: Template }> {
  if (dir !== undefined && template !== undefined) return { dir, template };
  const { isCancel, select, text } = await import("@clack/prompts");
  const answers = { dir, template };
  if (dir === undefined) {
    const answer = await text({
      message: "Where should the project be?",
      placeholder: ".",
      defaultValue: ".",
    });
    if (isCancel(answer)) throw initCancelledError();
    answers.dir = answer;
  }
  if (template === undefined) {
    const options = Object.entries(TEMPLATES).map(([value, hint]) => ({
      value: value as Template,
      label: value,
      hint,
    }));
    const answer = await select<Template>({ message: "What should it start with?", options });
    if (isCancel(answer)) throw initCancelledError();
    answers.template = answer;
  }
  return { dir: answers.dir ?? ".", template: answers.template ?? DEFAULT_TEMPLATE };
}

function nextSteps(place: string, template: Template): string {
  const steps = [
    ...(place === "" ? [] : [`cd ${place}`]),
    "npm install",
    "npm run dev",
    `${FIRST_REQUEST[template]}   # in another terminal`,
  ];
  return `The project is ready. Next:\n\n${steps.map((step) => `  ${step}`).join("\n")}`;
}
