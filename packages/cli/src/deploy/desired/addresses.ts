/** Where a stage answers; null where it does not, or where that is not known yet. */
export type Addresses = {
  /** Of the API: QUEUE_RUN_URL. */
  url: string | null;
  /** Of the socket, as servers call it (`https://…/STAGE`): QUEUE_RUN_SOCKET_URL. */
  socketUrl: string | null;
};

/** @returns what browsers connect to */
export function webSocketUrl(socketUrl: string): string {
  return socketUrl.replace(/^https:/, "wss:");
}

/** @returns what people visit and browsers connect to, as far as it is known */
export function publicAddresses({ url, socketUrl }: Addresses): string[] {
  return [url, socketUrl === null ? null : webSocketUrl(socketUrl)].filter((each) => each !== null);
}
