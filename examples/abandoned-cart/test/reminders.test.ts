import { startProject, type TestProject } from "queue-run/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sendEmail } from "#lib/email.js";
import { queue as reminders } from "#queues/reminders.js";

vi.mock("#lib/email.js", () => ({ sendEmail: vi.fn() }));

const ada = "ada@example.com";
let project: TestProject;
beforeEach(async () => {
  vi.mocked(sendEmail).mockReset();
  project = await startProject({ now: "2027-01-01T12:00:00Z" });
});
afterEach(() => project.stop());

async function send(method: string, path: string, body: unknown) {
  const headers = { "content-type": "application/json" };
  const answer = await project.fetch(path, { method, headers, body: JSON.stringify(body) });
  expect(answer.status).toBe(200);
  return answer.json();
}

test("who leaves a cart behind is reminded once, a quarter of an hour after its last change", async () => {
  await send("PUT", `/carts/${ada}`, { items: ["tea"] });
  await project.clock.advance("10 minutes");
  await send("PUT", `/carts/${ada}`, { items: ["tea", "a cup"] });

  await project.clock.advance("14 minutes");
  expect(sendEmail).not.toHaveBeenCalled();
  await project.clock.advance("3 days");
  expect(sendEmail).toHaveBeenCalledTimes(1);
  expect(sendEmail).toHaveBeenCalledWith(
    expect.objectContaining({ to: ada, subject: "You left tea and a cup in your cart" }),
  );
});

test("who buys is not reminded", async () => {
  await send("PUT", `/carts/${ada}`, { items: ["tea"] });
  await project.clock.advance("14 minutes");
  expect(await send("POST", "/orders", { customer: ada })).toEqual({ ordered: true, remindersCancelled: 1 });

  await project.clock.advance("3 days");
  expect(sendEmail).not.toHaveBeenCalled();
  const [reminder] = project.pushed("reminders");
  expect(await reminders.status(reminder?.jobId ?? "")).toMatchObject({ status: "cancelled", attempt: 0 });
});

test("who empties the cart is not reminded either", async () => {
  await send("PUT", `/carts/${ada}`, { items: ["tea"] });
  await send("PUT", `/carts/${ada}`, { items: [] });
  await project.clock.advance("1 hour");
  expect(sendEmail).not.toHaveBeenCalled();
});

test("an e-mail service that is down is tried again", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.mocked(sendEmail).mockRejectedValueOnce(new Error("503"));
  await send("PUT", `/carts/${ada}`, { items: ["tea"] });
  const { failures } = await project.clock.advance("16 minutes");
  expect(failures).toMatchObject([{ queueName: "reminders", outcome: "retry", error: { message: "503" } }]);
  expect(sendEmail).toHaveBeenCalledTimes(2);
});

test("everybody gets the same e-mail once, whatever goes wrong on the way", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  project = await startProject({ chaos: true });
  for (let n = 1; n <= 20; n++) await send("PUT", `/carts/customer-${n}@example.com`, { items: ["tea"] });
  await project.clock.advance("20 minutes");
  // The e-mail service knows by its id which e-mail it is asked to send again.
  const ids = new Set(vi.mocked(sendEmail).mock.calls.map(([{ id }]) => id));
  expect(ids.size).toBe(20);
});
