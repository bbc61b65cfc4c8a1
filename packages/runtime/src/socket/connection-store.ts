import type { User } from "../http/http-request.js";

/** A connection of a user. */
type UserConnection = {
  id: string;
  /** When it is over at the latest, milliseconds since 1970: it began two hours before. */
  untilMs: number;
};

/**
 * Which connections have which user. Each operation is one atomic change of one item of the stage's table, so that of
 * all that happens at once exactly one call finds that a user came online, or went offline. How they fit together:
 * docs/decisions/sockets.md.
 */
export type ConnectionStore = {
  /** @returns the user of a connection; null: it has none, or has ended */
  userOf(connection: string): Promise<User | null>;
  /**
   * Counts a connection among the user's.
   *
   * @param untilMs - when the connection is over at the latest, milliseconds since 1970
   * @returns whether the user had none before
   */
  add(connection: string, userId: string, untilMs: number): Promise<{ cameOnline: boolean }>;
  /**
   * Makes the user the connection's.
   *
   * @returns false when the connection has ended meanwhile
   */
  claim(connection: string, user: User, untilMs: number): Promise<boolean>;
  /**
   * Marks a connection as ended: from now on nobody can claim it.
   *
   * @returns its user
   */
  end(connection: string, untilMs: number): Promise<User | null>;
  /**
   * Takes a connection from the user's.
   *
   * @returns whether it was the last
   */
  remove(connection: string, userId: string): Promise<{ wentOffline: boolean }>;
  /**
   * A send has found that the connection is gone: it is sent nothing more. It counts among the user's until API Gateway
   * tells of its end, so that `onOffline` runs where it belongs, in the socket's own function.
   */
  markGone(connection: string, userId: string): Promise<void>;
  /** @returns the user's connections, without those that a send has found gone */
  connectionsOf(userId: string): Promise<UserConnection[]>;
};
