/** The machine that a binary runs on, in Node's words. */
export type Machine = { os: string; cpu: string; libc: "glibc" | "musl" | null };

/** What Lambda's functions of an architecture run on: Amazon Linux 2023. Lambda Developer Guide, "Lambda runtimes". */
export function lambdaMachine(architecture: "arm64" | "x86_64"): Machine {
  return { os: "linux", cpu: architecture === "arm64" ? "arm64" : "x64", libc: "glibc" };
}

/** @returns whether a file may be a native binary, by its name */
export function isBinaryName(path: string): boolean {
  return /\.(?:node|so|dylib|dll)(?:\.[\d.]+)?$/.test(path);
}

/** Which machine a binary was made for, by its header (ELF, Mach-O, PE); null where it is none that we know. */
export function machineOf(bytes: Uint8Array): Machine | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < 64) return null;
  const magic = file.readUInt32BE(0);
  if (magic === 0x7f454c46) {
    const isLittleEndian = file[5] === 1;
    const kind = isLittleEndian ? file.readUInt16LE(18) : file.readUInt16BE(18);
    return { os: "linux", cpu: ELF_CPUS[kind] ?? `ELF machine ${kind}`, libc: libcOf(file) };
  }
  if (magic === 0xcffaedfe) {
    return { os: "darwin", cpu: file.readUInt32LE(4) === 0x0100000c ? "arm64" : "x64", libc: null };
  }
  if (magic === 0xcafebabe) return { os: "darwin", cpu: "arm64 and x64", libc: null };
  if (file.toString("latin1", 0, 2) === "MZ") {
    const header = file.readUInt32LE(60);
    const kind = header + 6 <= file.length ? file.readUInt16LE(header + 4) : 0;
    return { os: "win32", cpu: kind === 0xaa64 ? "arm64" : kind === 0x8664 ? "x64" : "ia32", libc: null };
  }
  return null;
}

/** ELF header, e_machine. System V ABI. */
const ELF_CPUS: Record<number, string> = { 3: "ia32", 40: "arm", 62: "x64", 183: "arm64" };

/** A library that needs neither (Go, some Rust) runs on both. */
function libcOf(file: Buffer): Machine["libc"] {
  if (file.includes("libc.musl-")) return "musl";
  return file.includes("libc.so.6") ? "glibc" : null;
}

/** @returns whether what was made for `binary` runs on `target` */
export function runsOn(binary: Machine, target: Machine): boolean {
  const isSameLibc = binary.libc === null || binary.libc === target.libc;
  return binary.os === target.os && binary.cpu === target.cpu && isSameLibc;
}

/** "linux-arm64", "linux-x64 (musl)" */
export function machineText({ os, cpu, libc }: Machine): string {
  return `${os}-${cpu}${libc === "musl" ? " (musl)" : ""}`;
}
