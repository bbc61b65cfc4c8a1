import type { Action } from "./action.js";
import { changeVisibility, deleteMessage, release, send, undo } from "./message-actions.js";
import {
  createNamed,
  createQueue,
  deleteQueue,
  moveTask,
  NAMES,
  purge,
  setAttributes,
  tag,
} from "./queue-actions.js";
import { receive, wait } from "./receive-actions.js";
import type { Call, Simulation } from "./simulation.js";

/** What applications and operators do. More kinds of actors add their own. */
export const brokerActions: Action[] = [
  { name: "create", weight: 1, make: createQueue },
  { name: "delete queue", weight: 0.1, make: deleteQueue },
  { name: "set attributes", weight: 1, make: setAttributes },
  { name: "tag", weight: 0.3, make: tag },
  { name: "purge", weight: 0.2, make: purge },
  { name: "send", weight: 12, make: send },
  { name: "receive", weight: 8, make: receive },
  { name: "wait", weight: 3, make: wait },
  { name: "delete", weight: 6, make: deleteMessage },
  { name: "change visibility", weight: 4, make: changeVisibility },
  { name: "release", weight: 2, make: release },
  { name: "undo", weight: 2, make: undo },
  { name: "move task", weight: 0.5, make: moveTask },
];

/** The calls that a new run starts with. */
export function firstCalls(simulation: Simulation): Call[] {
  return NAMES.map((name) => createNamed(simulation, name));
}

/** Whether receiving from this queue may move messages, so that nothing else may happen in the same turn. */
export function mayDeadLetter(simulation: Simulation): boolean {
  return [...simulation.model.queues.values()].some(({ attributes }) => attributes.redrivePolicy !== null);
}
