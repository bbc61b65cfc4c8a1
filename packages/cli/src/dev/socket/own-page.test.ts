import { expect, it } from "vitest";
import { isOwnPage } from "./own-page.js";

it.each([
  [undefined, "localhost:8000", true],
  ["http://localhost:8000", "localhost:8000", true],
  ["http://127.0.0.1:5173", "localhost:8000", true],
  ["http://[::1]:5173", "localhost:8000", true],
  ["http://192.168.1.5:8000", "192.168.1.5:8000", true],
  ["https://tunnel.example", "tunnel.example", true],
  ["https://evil.example", "localhost:8000", false],
  ["http://localhost.evil.example:8000", "localhost:8000", false],
  ["http://192.168.1.6:8000", "192.168.1.5:8000", false],
  ["null", "localhost:8000", false],
  ["", "localhost:8000", false],
])("a page of %s, asking %s, is ours: %s", (origin, host, isOwn) => {
  expect(isOwnPage(origin, host)).toBe(isOwn);
});
