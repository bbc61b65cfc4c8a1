import { queues } from "queue-run";

type Order = { item: string };

export const queue = queues.self.fifo<Order>();

/** A FIFO queue runs the jobs of a group (here a customer) one after another, in the order they were pushed. */
export default queue.handler(async ({ item }, { groupId }) => {
  console.log("%s ordered %s", groupId, item);
  await queues("emails").push({ to: `${groupId}@example.com`, text: `Thank you for ordering ${item}` });
});
