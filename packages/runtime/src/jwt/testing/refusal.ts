/** What a refusal answers: its status, and why. */
export async function refusal(verifying: Promise<unknown>): Promise<{ status: number; error: string }> {
  const thrown = await verifying.then(
    (claims) => ({ accepted: claims }),
    (error: unknown) => error,
  );
  if (!(thrown instanceof Response)) throw new Error("Not refused", { cause: thrown });
  const { error } = await thrown.json();
  return { status: thrown.status, error };
}
