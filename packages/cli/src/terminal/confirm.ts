import type { CommandIo } from "../commands/command.js";
import { confirmationRequiredError, declinedError } from "../errors/confirm-errors.js";

/**
 * Asks before something that cannot be taken back, on a terminal.
 *
 * @param what - for the error where nobody can be asked: "Purging 3 dead letters"
 * @param question - "Purge 3 dead letters of emails?"
 * @param yes - `--yes` was given: nobody is asked
 * @throws QR_CONFIRMATION_REQUIRED without a terminal, QR_DECLINED when the answer is no
 */
export async function confirm(
  { isTerminal }: Pick<CommandIo, "isTerminal">,
  { what, question, yes }: { what: string; question: string; yes: boolean },
): Promise<void> {
  if (yes) return;
  if (!isTerminal || !process.stdin.isTTY) throw confirmationRequiredError(what);
  const prompts = await import("@clack/prompts");
  const answer = await prompts.confirm({ message: question, initialValue: false });
  if (answer !== true) throw declinedError();
}
