/** What `queue-run dev` was told. */
export type DevOptions = {
  /** The project's folder, absolute. */
  root: string;
  /** 0: any free port. */
  port: number;
  sqsPort: number;
  /** Where HTTP listens; null: on this machine alone. */
  host: string | null;
  /** Forget local jobs first. */
  fresh: boolean;
  /** Another SQS to use instead of the local one. */
  sqsEndpoint: string | null;
  /** `-e` */
  variables: Record<string, string>;
  /** The debugger's port; null: none, and functions are timed. */
  inspect: number | null;
  /** Print lines of JSON. */
  json: boolean;
};
