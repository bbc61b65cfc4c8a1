/** What `queue-run start` was told. */
export type StartOptions = {
  /** The project's folder, absolute. */
  root: string;
  /** Absolute folder that `queue-run build` wrote to; null: build the sources first. */
  build: string | null;
  /** Null: what a build was made for, else "prod". */
  stage: string | null;
  region: string | null;
  /** 0: any free port. */
  port: number;
  /** Null: every address of the machine. */
  host: string | null;
  /** Whether to serve routes; the health endpoint is served in any case. */
  http: boolean;
  /** Names of the queues to poll; null: all. */
  queues: string[] | null;
  /** How long running jobs and requests get after SIGTERM. */
  graceMs: number;
  /** `-e` */
  variables: Record<string, string>;
  /** Lines of JSON even on a terminal. */
  json: boolean;
};
