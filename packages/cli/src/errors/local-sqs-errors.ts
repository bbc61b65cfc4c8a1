import { QueueRunError } from "@queue-run/runtime/errors";

/** Another process listens on the port of the local SQS. */
export const sqsPortInUse = (port: number, cause?: unknown) =>
  new QueueRunError({
    code: "QR_SQS_PORT_IN_USE",
    message: `Cannot serve SQS on port ${port}: another process is listening there.`,
    fix: `Stop that process (another \`queue-run dev\`, perhaps), or choose a port with --sqs-port, for instance \`--sqs-port ${port + 1}\`.`,
    cause,
    details: { port },
  });

/** The port may not be opened, or the address does not exist on this machine. */
export const sqsListenFailed = (port: number, host: string, cause: Error) =>
  new QueueRunError({
    code: "QR_SQS_LISTEN_FAILED",
    message: `Cannot serve SQS on ${host}, port ${port}: ${cause.message}`,
    fix: "Choose another port with --sqs-port; ports below 1024 usually need special rights.",
    cause,
    details: { port, host },
  });
