import { invalidUser } from "../errors/http-errors.js";
import type { User } from "./http-request.js";
import type { Hook } from "./prepared-route.js";

/**
 * Asks `authenticate` who the user is.
 *
 * @param argument - the request, or what there is of one
 * @throws what `authenticate` throws (a Response refuses the request); QueueRunError `QR_INVALID_USER`
 */
export async function authenticateUser({ run, file }: Hook, argument: object): Promise<User | null> {
  const user = await run(argument);
  if (user === null || isUser(user)) return user;
  throw invalidUser(file, user);
}

function isUser(value: unknown): value is User {
  return typeof value === "object" && value !== null && "id" in value && isId(value.id);
}

function isId(id: unknown): boolean {
  return typeof id === "number" ? Number.isFinite(id) : typeof id === "string" && id !== "";
}
