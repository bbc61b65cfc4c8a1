import { Argument, Command } from "commander";
import type { CommandIo } from "./command.js";
import { commands } from "./command-table.js";

const SHELLS = ["bash", "zsh", "fish"] as const;

/** A command as a shell completes it. */
type Completed = {
  name: string;
  /** Of the commands under it: "ls", "retry". */
  subcommands: string[];
  /** Its own and those of the commands under it: "--stage". */
  flags: string[];
};

/** What main.ts and commander give every command. */
const COMMON_FLAGS = ["--cwd", "--help"];

/** `queue-run completion bash|zsh|fish`: a script that completes commands and flags. */
export function configure(command: Command, io: CommandIo): void {
  command
    .addArgument(new Argument("<shell>").choices(SHELLS))
    .addHelpText("after", '\nFor instance: eval "$(npx queue-run completion bash)"')
    .action(async (shell: (typeof SHELLS)[number]) => {
      io.stdout.write(scripts[shell](await completedCommands(io)));
    });
}

async function completedCommands(io: CommandIo): Promise<Completed[]> {
  const completed: Completed[] = [];
  for (const { name, load } of commands) {
    const command = new Command(name);
    (await load()).configure(command, io);
    const flags = new Set([...flagsOf(command), ...COMMON_FLAGS]);
    completed.push({ name, subcommands: command.commands.map((each) => each.name()), flags: [...flags] });
  }
  return completed;
}

function flagsOf(command: Command): string[] {
  const own = command.options.flatMap(({ long }) => long ?? []);
  return [...own, ...command.commands.flatMap(flagsOf)];
}

/** What may follow a word. */
function followers(completed: readonly Completed[]): { after: string; words: string }[] {
  const parents = completed.filter(({ subcommands }) => subcommands.length > 0);
  return [
    { after: "queue-run", words: completed.map(({ name }) => name).join(" ") },
    ...parents.map(({ name, subcommands }) => ({ after: name, words: subcommands.join(" ") })),
  ];
}

const scripts: Record<(typeof SHELLS)[number], (completed: readonly Completed[]) => string> = {
  bash: (completed) => `_queue_run() {
  local word="\${COMP_WORDS[COMP_CWORD]}" flags=""
  if [[ "$word" == -* ]]; then
    case "\${COMP_WORDS[1]}" in
${completed.map(({ name, flags }) => `      ${name}) flags="${flags.join(" ")}" ;;\n`).join("")}\
    esac
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
${followers(completed)
  .map(({ after, words }) => `    ${after}) COMPREPLY=($(compgen -W "${words}" -- "$word")) ;;\n`)
  .join("")}\
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -F _queue_run queue-run
`,
  zsh: (completed) => `#compdef queue-run
_queue_run() {
  if [[ "$words[CURRENT]" == -* ]]; then
    case "$words[2]" in
${completed.map(({ name, flags }) => `      ${name}) compadd -- ${flags.join(" ")} ;;\n`).join("")}\
    esac
    return
  fi
  case "$words[CURRENT-1]" in
${followers(completed)
  .map(({ after, words }) => `    ${after}) compadd ${words} ;;\n`)
  .join("")}\
    *) _files ;;
  esac
}
compdef _queue_run queue-run
`,
  fish: (completed) =>
    [
      ...followers(completed).map(({ after, words }, at) => {
        const when = at === 0 ? "__fish_use_subcommand" : `"__fish_seen_subcommand_from ${after}"`;
        return `complete -c queue-run -n ${when} -f -a "${words}"\n`;
      }),
      ...completed.flatMap(({ name, flags }) =>
        flags.map(
          (flag) =>
            `complete -c queue-run -n "__fish_seen_subcommand_from ${name}" -l ${flag.replace(/^--/, "")}\n`,
        ),
      ),
    ].join(""),
};
