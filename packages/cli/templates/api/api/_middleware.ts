/** For every route below this folder. */
export function onResponse(request: Request, response: Response) {
  console.log("%s %s → %d", request.method, new URL(request.url).pathname, response.status);
}
