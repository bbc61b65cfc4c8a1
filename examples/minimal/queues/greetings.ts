import { queues } from "queue-run";

type Greeting = { name: string };

export const queue = queues.self<Greeting>();

export default async function ({ name }: Greeting) {
  console.log(`Hello, ${name}!`);
}
