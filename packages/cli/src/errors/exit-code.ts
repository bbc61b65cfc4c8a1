/** Thrown by a command that ends as a process it ran did: with that exit code, and nothing more to say. */
export class ExitCode extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit code ${exitCode}`);
    this.name = "ExitCode";
    this.exitCode = exitCode;
  }
}
