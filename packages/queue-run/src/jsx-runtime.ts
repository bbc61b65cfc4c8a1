/** JSX in route files is Hono's: it makes HTML on the server. tsconfig.json's `jsxImportSource` leads here. */
export { Fragment, type JSX, jsx, jsxAttr, jsxEscape, jsxs, jsxTemplate } from "hono/jsx/jsx-runtime";
