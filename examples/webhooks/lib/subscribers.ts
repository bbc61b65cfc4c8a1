/** Where webhooks go: ours alone decide, since this server calls whatever is here. Without any, to this project itself. */
export function subscribers(): string[] {
  const { SUBSCRIBERS, QUEUE_RUN_URL } = process.env;
  return SUBSCRIBERS ? SUBSCRIBERS.split(",") : [`${QUEUE_RUN_URL}/subscriber`];
}
