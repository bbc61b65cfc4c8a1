import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandIo } from "../commands/command.js";
import { editorFailedError, noEditorError } from "../errors/editor-errors.js";

const DEFAULT_EDITOR = process.platform === "win32" ? "notepad" : "vi";

/**
 * Lets a person change a text in their editor: VISUAL, EDITOR, or the system's own.
 *
 * @returns the text as it was saved
 * @throws QR_NO_EDITOR without a terminal, QR_EDITOR_FAILED
 */
export async function inEditor(
  text: string,
  { isTerminal, env }: Pick<CommandIo, "isTerminal" | "env">,
): Promise<string> {
  if (!isTerminal) throw noEditorError();
  const editor = env.VISUAL || env.EDITOR || DEFAULT_EDITOR;
  const folder = mkdtempSync(join(tmpdir(), "queue-run-edit-"));
  const file = join(folder, "payload.json");
  try {
    writeFileSync(file, text, { mode: 0o600 });
    await run(editor, file);
    return readFileSync(file, "utf8");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Through a shell, since these variables may hold arguments: "code --wait". */
function run(editor: string, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(`${editor} ${JSON.stringify(file)}`, { stdio: "inherit", shell: true });
    child.on("error", (error) => reject(editorFailedError(editor, error.message)));
    child.on("exit", (code) =>
      code === 0 ? resolve() : reject(editorFailedError(editor, `it ended with ${code}`)),
    );
  });
}
