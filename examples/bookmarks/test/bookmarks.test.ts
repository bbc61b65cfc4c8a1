import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProject, type TestProject } from "queue-run/testing";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";

const folder = await mkdtemp(join(tmpdir(), "bookmarks-"));
const pages = vi.fn<(url: string) => Promise<Response>>();
let project: TestProject;

beforeEach(async () => {
  vi.stubGlobal("fetch", pages);
  pages.mockImplementation(async (url) => new Response(`<title>The page of ${url}</title>`));
  // A Friday, at noon.
  project = await startProject({ now: "2027-01-01T12:00:00Z", env: { BOOKMARKS_FOLDER: folder } });
});
afterEach(() => project.stop());
afterAll(() => rm(folder, { recursive: true, force: true }));

async function addBookmark(url: string): Promise<{ id: string }> {
  const answer = await project.fetch("/bookmarks", { method: "POST", body: new URLSearchParams({ url }) });
  expect(answer.status).toBe(201);
  return answer.json();
}

async function findBookmark(id: string) {
  return (await project.fetch(`/bookmarks/${id}`)).json();
}

test("a bookmark is there at once, and its title when the job has run", async () => {
  const { id } = await addBookmark("https://example.com");
  expect(project.pushed("fetch-title")).toMatchObject([{ payload: { id, url: "https://example.com" } }]);
  expect(await findBookmark(id)).toMatchObject({ title: null });

  await project.drain();
  expect(await findBookmark(id)).toMatchObject({ title: "The page of https://example.com" });
});

test("a page that cannot be fetched is tried four times, and asked for again on Monday", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  pages.mockRejectedValue(new Error("No such host"));
  const { id, ...bookmark } = await addBookmark("https://does-not-exist.invalid");

  const { failures, deadLetters } = await project.clock.advance("1 minute");
  expect(failures.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
    [1, "retry"],
    [2, "retry"],
    [3, "retry"],
    [4, "dead-letter"],
  ]);
  expect(deadLetters).toMatchObject([{ payload: { id }, error: { message: "No such host" } }]);

  pages.mockResolvedValue(new Response("<title>Back again</title>"));
  await project.clock.advance("3 days");
  expect(await findBookmark(id)).toMatchObject({ ...bookmark, title: "Back again" });
});

test("a visit that is submitted twice is counted once", async () => {
  const { id } = await addBookmark("https://example.com");
  for (const visit of ["visit-1", "visit-1", "visit-2"])
    await project.fetch(`/visits/${id}/${visit}`, {
      method: "POST",
      body: new URLSearchParams({ from: visit }),
    });
  await project.drain();
  expect(project.pushed("update-counts.fifo").map(({ isDuplicate }) => isDuplicate)).toEqual([
    false,
    true,
    false,
  ]);
  expect(await findBookmark(id)).toMatchObject({ visits: 2, lastFrom: "visit-2" });
});

test("imports and visits come out right, whatever goes wrong on the way", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  project = await startProject({
    env: { BOOKMARKS_FOLDER: await mkdtemp(join(folder, "chaos-")) },
    chaos: true,
  });
  const { id } = await addBookmark("https://example.com");
  for (let n = 1; n <= 10; n++) {
    await project.push("import", `https://example.org/${n}\nhttps://example.net/${n}`);
    await project.push("update-counts.fifo", { from: `visitor ${n}` }, { group: id });
  }
  await project.drain();
  expect(await findBookmark(id)).toMatchObject({ visits: 10, lastFrom: "visitor 10" });
});
