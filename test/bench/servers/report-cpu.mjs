/** Tells the parent process where this server listens, and how much processor time it has used whenever it asks. */
export function reportTo(parent, { port, close }) {
  parent.on("message", (message) => {
    if (message === "cpu") {
      const { user, system } = process.cpuUsage();
      parent.send({ cpuMicros: user + system });
    }
    if (message === "close") {
      Promise.resolve(close?.()).finally(() => process.exit(0));
    }
  });
  parent.on("disconnect", () => process.exit(0));
  parent.send({ port });
}
