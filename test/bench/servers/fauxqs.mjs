import { startFauxqs } from "fauxqs";
import { reportTo } from "./report-cpu.mjs";

const server = await startFauxqs({ port: 0, host: "127.0.0.1", logger: false });
reportTo(process, { port: server.port, close: () => server.stop() });
