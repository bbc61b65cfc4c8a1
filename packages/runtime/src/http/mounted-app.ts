import type { HttpContext } from "./http-context.js";
import type { FetchApp } from "./prepared-route.js";

/**
 * Lets an app answer a request. It sees the path beneath its own: an app in `api/shop.ts` is asked for "/items" when
 * the client asked for "/shop/items". An app that has routes which begin with its own path (Hono's `basePath`, or written
 * out) sees the path as it is.
 *
 * @param prefix - the app's own path in this request; "" at the root
 */
export async function answerByApp(app: FetchApp, request: HttpContext, prefix: string): Promise<unknown> {
  if (prefix === "" || knowsItsPath(app, prefix)) return app.fetch(request.request);
  const url = new URL(request.url);
  url.pathname = request.path.slice(prefix.length) || "/";
  return app.fetch(new Request(url, request.request));
}

function knowsItsPath({ routes }: FetchApp, prefix: string): boolean {
  if (!Array.isArray(routes)) return false;
  return routes.some((route: { path?: unknown } | null) => {
    const path = route?.path;
    return typeof path === "string" && (path === prefix || path.startsWith(`${prefix}/`));
  });
}
