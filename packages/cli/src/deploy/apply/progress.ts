import picocolors from "picocolors";
import type { CommandIo } from "../../commands/command.js";
import { escapeControl } from "../../terminal/escape-control.js";
import { useColors } from "../../terminal/use-colors.js";
import type { Phase, Step } from "../plan/step.js";
import type { StepStatus } from "./run-steps.js";

/** Tells a person how far a deploy is. */
export type Progress = {
  phase: (phase: Phase, steps: readonly Step[]) => void;
  step: (step: Step, status: "started" | StepStatus) => void;
  /**
   * What something that takes its time is waiting for.
   *
   * @param isLasting - it is to be read when all is over, too
   */
  say: (text: string, isLasting?: boolean) => void;
  /** Nothing more comes: what follows may be printed. */
  end: () => void;
};

/** For `--json`: what is printed is one object at the end. */
export const silentProgress: Progress = { phase() {}, step() {}, say() {}, end() {} };

const HEADINGS: Record<Phase, string> = {
  prepare: "Preparing",
  code: "Uploading",
  switch: "Switching",
  narrow: "Narrowing",
  remove: "Removing",
};

/** On a terminal a line that changes for each phase; elsewhere a line for each step. */
export function createProgress(io: Pick<CommandIo, "stdout" | "isTerminal" | "env">): Progress {
  return io.isTerminal ? terminalProgress(io) : plainProgress(io);
}

function plainProgress({ stdout }: Pick<CommandIo, "stdout">): Progress {
  const said = new Set<string>();
  const line = (text: string) => void stdout.write(`${escapeControl(text)}\n`);
  return {
    phase(phase, steps) {
      line(`${HEADINGS[phase]} (${steps.length} ${steps.length === 1 ? "step" : "steps"})`);
    },
    step({ text }, status) {
      if (status === "done") line(`  ${text}`);
      else if (status !== "started") line(`  ${status === "left" ? "left for later" : status}: ${text}`);
    },
    say(text) {
      if (!said.has(text)) line(`  … ${text}`);
      said.add(text);
    },
    end() {},
  };
}

/** Back to the line's start, and nothing on it. */
const CLEAR_LINE = "\r\u001b[2K";

function terminalProgress(io: Pick<CommandIo, "stdout" | "isTerminal" | "env">): Progress {
  const colors = picocolors.createColors(useColors(io));
  let current: { phase: Phase; total: number; ended: number; failed: number } | null = null;
  let doing = "";

  const show = (isOver: boolean) => {
    if (!current) return;
    const { phase, total, ended, failed } = current;
    const count = `${ended}/${total}`;
    const mark = isOver ? (failed > 0 ? colors.red("✗") : colors.green("✓")) : colors.cyan("•");
    const detail = isOver ? "" : colors.dim(cut(escapeControl(doing)));
    io.stdout.write(`${CLEAR_LINE}${mark} ${HEADINGS[phase].padEnd(9)} ${count.padStart(9)}  ${detail}`);
  };
  const finish = () => {
    show(true);
    if (current) io.stdout.write("\n");
    current = null;
  };
  return {
    phase(phase, steps) {
      finish();
      current = { phase, total: steps.length, ended: 0, failed: 0 };
      show(false);
    },
    step({ text }, status) {
      if (current && status !== "started") current.ended += 1;
      if (current && status === "failed") current.failed += 1;
      doing = text;
      show(false);
    },
    say(text, isLasting = false) {
      if (isLasting) io.stdout.write(`${CLEAR_LINE}  ${escapeControl(text)}\n`);
      doing = text;
      show(false);
    },
    end: finish,
  };
}

/** So that a line stays one, on a terminal of the usual width. */
function cut(text: string): string {
  // Some terminals say that they have no columns.
  const room = (process.stdout.columns || 80) - 24;
  return text.length <= room ? text : `${text.slice(0, Math.max(0, room - 1))}…`;
}
