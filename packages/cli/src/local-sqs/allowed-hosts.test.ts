import { describe, expect, it } from "vitest";
import { allowedHostsOf, isAllowed } from "./allowed-hosts.js";

describe("isAllowed", () => {
  const allowed = allowedHostsOf(9324);

  it.each(["localhost:9324", "127.0.0.1:9324", "[::1]:9324", "LocalHost:9324"])("answers Host %s", (host) => {
    expect(isAllowed(allowed, host, undefined)).toBe(true);
  });

  it.each([
    undefined,
    "",
    "localhost",
    "localhost:80",
    "127.0.0.1:9325",
    "evil.example:9324",
    "localhost.evil.example:9324",
    "127.0.0.1.nip.io:9324",
    "[::]:9324",
    "0.0.0.0:9324",
    "localhost:9324.evil.example",
    "localhost:9324, evil.example",
    "user@localhost:9324",
  ])("refuses Host %s", (host) => {
    expect(isAllowed(allowed, host, undefined)).toBe(false);
  });

  it.each([
    "null",
    "http://evil.example",
    "http://localhost:8000",
    "https://localhost:9324",
    "localhost:9324",
    "",
  ])("refuses Origin %s", (origin) => {
    expect(isAllowed(allowed, "localhost:9324", origin)).toBe(false);
  });

  it("answers its own pages", () => {
    expect(isAllowed(allowed, "localhost:9324", "http://127.0.0.1:9324")).toBe(true);
  });

  it("takes a Host without a port on HTTP's own, and other names when told to", () => {
    expect(isAllowed(allowedHostsOf(80), "localhost", undefined)).toBe(true);
    expect(isAllowed(allowedHostsOf(9324, ["sqs.test"]), "sqs.test:9324", undefined)).toBe(true);
  });
});
