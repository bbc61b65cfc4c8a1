import {
  decodeContent,
  decodeState,
  type MessageContent,
  type MessageStateRecord,
  parseKey,
  type QueueRecord,
} from "../../../packages/cli/src/local-sqs/broker/records.js";
import type { Payload } from "./handlers.js";
import type { SimulatedQueue } from "./queues.js";
import type { World } from "./world.js";

type Stored = { queue: string; body: string; content: MessageContent; state: MessageStateRecord };

/** Every message on the disk, in order of sending. */
export function storedMessages(disk: ReadonlyMap<string, string>): Stored[] {
  const names = new Map<number, string>();
  for (const [key, value] of disk)
    if (key.startsWith("q/")) names.set(parseKey(key).queueId, (JSON.parse(value) as QueueRecord).name);
  const keys = [...disk.keys()].filter((key) => key.startsWith("m/")).sort();
  return keys.map((key) => {
    const content = decodeContent(disk.get(key.replace("m/", "b/")) ?? "");
    const { body } = JSON.parse(content.body) as Payload;
    const queue = names.get(parseKey(key).queueId) ?? "";
    return { queue, body, content, state: decodeState(disk.get(key) ?? "") };
  });
}

/** The bodies that a server which starts now must have visible, of each queue that keeps no order: in order. */
export function visibleAtStart(world: World, queues: SimulatedQueue[]): Map<string, string[]> {
  const now = world.time.wall.now();
  const stored = storedMessages(world.disk);
  const bodies = queues
    .filter(({ fifo }) => !fifo)
    .map(({ name }): [string, string[]] => {
      const visible = stored.filter(
        ({ queue, state }) =>
          queue === name && (state.hiddenUntilMs <= now || (state.held && state.receiveId > 0)),
      );
      return [name, visible.map(({ body }) => body)];
    });
  return new Map(bodies);
}
