/** The same JSX, as development builds of other tools ask for it. */
export { Fragment, type JSX, jsxDEV } from "hono/jsx/jsx-dev-runtime";
