import { defineConfig } from "vitest/config";

/** Packages resolve to their sources in tests of the source; the system tests run what `npm run build` made. */
const source = {
  resolve: { conditions: ["queue-run:source"] },
  ssr: { resolve: { conditions: ["queue-run:source"] } },
};

export default defineConfig({
  test: {
    projects: [
      {
        ...source,
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "packages/*/src/**/*.test.tsx"],
          testTimeout: 15_000,
        },
      },
      {
        ...source,
        test: { name: "simulation", include: ["test/simulation/**/*.test.ts"], testTimeout: 600_000 },
      },
      {
        ...source,
        test: {
          name: "system",
          // They wait for servers most of the time, so more of them than there are cores run at once; after the others.
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
          include: ["test/{contract,e2e,lambda,package,docs}/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
