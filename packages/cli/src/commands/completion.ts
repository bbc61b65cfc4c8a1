import { Argument, Command } from "commander";
import type { CommandIo } from "./command.js";
import { commands } from "./command-table.js";

const SHELLS = ["bash", "zsh", "fish"] as const;

/** The words that may follow a word: commands, and those under a command. */
type Words = { after: string; words: string[] };

/** `queue-run completion bash|zsh|fish`: a script that completes commands' names. */
export function configure(command: Command, io: CommandIo): void {
  command
    .addArgument(new Argument("<shell>").choices(SHELLS))
    .addHelpText("after", '\nFor instance: eval "$(npx queue-run completion bash)"')
    .action(async (shell: (typeof SHELLS)[number]) => {
      io.stdout.write(scripts[shell](await knownWords(io)));
    });
}

async function knownWords(io: CommandIo): Promise<Words[]> {
  const known: Words[] = [{ after: "queue-run", words: commands.map(({ name }) => name) }];
  for (const { name, load } of commands) {
    const command = new Command(name);
    (await load()).configure(command, io);
    const words = command.commands.map((each) => each.name());
    if (words.length > 0) known.push({ after: name, words });
  }
  return known;
}

const scripts: Record<(typeof SHELLS)[number], (known: readonly Words[]) => string> = {
  bash: (known) => `_queue_run() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
${known.map(({ after, words }) => `    ${after}) COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$word")) ;;\n`).join("")}\
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -F _queue_run queue-run
`,
  zsh: (known) => `#compdef queue-run
_queue_run() {
  case "$words[CURRENT-1]" in
${known.map(({ after, words }) => `    ${after}) compadd ${words.join(" ")} ;;\n`).join("")}\
    *) _files ;;
  esac
}
compdef _queue_run queue-run
`,
  fish: (known) =>
    known
      .map(({ after, words }, at) => {
        const when = at === 0 ? "__fish_use_subcommand" : `"__fish_seen_subcommand_from ${after}"`;
        return `complete -c queue-run -n ${when} -f -a "${words.join(" ")}"\n`;
      })
      .join(""),
};
