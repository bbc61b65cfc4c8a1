import type { RestTarget } from "@queue-run/runtime/instance";

/** A request to one of AWS's services, without the HTTP around it. */
export type ServiceRequest = {
  /** Its X-Amz-Target: "AmazonSQS.SendMessage", "DynamoDB_20120810.UpdateItem" */
  target?: string | undefined;
  /** What it asks for, where its service speaks REST. */
  rest?: RestTarget;
  body: string;
};

/** What it is answered with. Header names in lower case. */
export type ServiceAnswer = { status: number; headers: Record<string, string>; body: string };

/** Answers a caller in this process. Never rejects. `gone` aborts when nobody will read the answer. */
export type Service = (request: ServiceRequest, gone: AbortSignal) => Promise<ServiceAnswer>;
