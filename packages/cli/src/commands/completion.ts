import { Argument, type Command } from "commander";
import type { CommandIo } from "./command.js";
import { commands } from "./command-table.js";

const DEV_COMMANDS = ["queue", "schedule", "failed"];
const SHELLS = ["bash", "zsh", "fish"] as const;

/** `queue-run completion bash|zsh|fish`: a script that completes commands' names. */
export function configure(command: Command, io: CommandIo): void {
  command
    .addArgument(new Argument("<shell>").choices(SHELLS))
    .addHelpText("after", '\nFor instance: eval "$(npx queue-run completion bash)"')
    .action((shell: (typeof SHELLS)[number]) => {
      io.stdout.write(scripts[shell](commands.map(({ name }) => name).join(" "), DEV_COMMANDS.join(" ")));
    });
}

const scripts: Record<(typeof SHELLS)[number], (names: string, dev: string) => string> = {
  bash: (names, dev) => `_queue_run() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
    queue-run) COMPREPLY=($(compgen -W "${names}" -- "$word")) ;;
    dev) COMPREPLY=($(compgen -W "${dev}" -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -F _queue_run queue-run
`,
  zsh: (names, dev) => `#compdef queue-run
_queue_run() {
  case "$words[CURRENT-1]" in
    queue-run) compadd ${names} ;;
    dev) compadd ${dev} ;;
    *) _files ;;
  esac
}
compdef _queue_run queue-run
`,
  fish: (names, dev) => `complete -c queue-run -n __fish_use_subcommand -f -a "${names}"
complete -c queue-run -n "__fish_seen_subcommand_from dev" -f -a "${dev}"
`,
};
