/**
 * The answer to a request whose token is missing (401) or not good (403): to be thrown.
 *
 * A real Response, unlike our other replies: `jwt.verify` is called by code of the user's, which may catch what it throws
 * and look at it. Only refused requests pay for it.
 *
 * @param reason - for the client; nothing of the token's own
 */
export function refuseToken(status: 401 | 403, reason: string): Response {
  const challenge = status === 401 ? "Bearer" : `Bearer error="invalid_token", error_description="${reason}"`;
  return Response.json({ error: reason }, { status, headers: { "www-authenticate": challenge } });
}
