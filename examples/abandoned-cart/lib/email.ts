type Email = { id: string; to: string; subject: string };

const sent = new Set<string>();

/** Stands for an e-mail service, which sends what has the same id once. */
export async function sendEmail({ id, to, subject }: Email): Promise<void> {
  if (sent.has(id)) return;
  sent.add(id);
  console.log("To %s: %s", to, subject);
}
