import type { HttpContext } from "./http-context.js";
import type { FetchApp } from "./prepared-route.js";

/**
 * Lets an app answer a request. It sees the path beneath its own: an app in `api/shop.ts` is asked for "/items" when
 * the client asked for "/shop/items". An app whose every route begins with its own path (Hono's `basePath`) sees the
 * path as it is.
 *
 * @param prefix - the app's own path in this request; "" at the root
 */
export async function answerByApp(app: FetchApp, request: HttpContext, prefix: string): Promise<unknown> {
  if (prefix === "" || knowsItsPath(app, prefix)) return app.fetch(request.request);
  const url = new URL(request.url);
  url.pathname = request.event.rawPath.slice(prefix.length) || "/";
  return app.fetch(new Request(url, request.request));
}

function knowsItsPath({ routes }: FetchApp, prefix: string): boolean {
  if (!Array.isArray(routes) || routes.length === 0) return false;
  return routes.every((route: { path?: unknown }) => {
    return typeof route?.path === "string" && (route.path === prefix || route.path.startsWith(`${prefix}/`));
  });
}
