// An authority of our own and certificates that it signs, made with the JDK's keytool, which a broker needs anyway.
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../../local/paths.ts";

const run = promisify(execFile);
const PASSWORD = "changeit";

/** Paths of PEM files. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export class Authority {
  readonly #folder: string;
  readonly #name: string;

  private constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
  }

  /** `name` must differ from those of others in the same folder. */
  static async found(folder: string, name: string): Promise<Authority> {
    const authority = new Authority(folder, name);
    await authority.#keyPair(name, ["-ext", "bc:c"]);
    await authority.#keytool(name, ["-exportcert", "-rfc", "-file", authority.ca]);
    return authority;
  }

  /** Path of its own certificate. */
  get ca(): string {
    return this.#path(this.#name, "pem");
  }

  /** A certificate for a server on 127.0.0.1, or for a client of that name. */
  async certify(name: string): Promise<Certificate> {
    const [cert, request] = [this.#path(name, "pem"), this.#path(name, "csr")];
    await this.#keyPair(name, []);
    await this.#keytool(name, ["-certreq", "-file", request]);
    const alternative = ["-ext", "san=ip:127.0.0.1"];
    await this.#keytool(this.#name, ["-gencert", "-rfc", "-infile", request, "-outfile", cert, ...alternative]);
    const { stdout } = await run("java", [
      join(ROOT, "tests/support/PrivateKey.java"),
      this.#path(name, "p12"),
      PASSWORD,
    ]);
    const key = this.#path(name, "key");
    await writeFile(key, stdout, { mode: 0o600 });
    return { cert, key };
  }

  #keyPair(name: string, more: readonly string[]): Promise<void> {
    const kind = ["-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2", "-dname", `CN=${name}`];
    return this.#keytool(name, ["-genkeypair", ...kind, ...more]);
  }

  async #keytool(name: string, args: readonly string[]): Promise<void> {
    const store = ["-alias", name, "-keystore", this.#path(name, "p12"), "-storepass", PASSWORD];
    await run("keytool", [...args, ...store]);
  }

  #path(name: string, kind: string): string {
    return join(this.#folder, `${name}.${kind}`);
  }
}
