import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';

/** TLS in front of a server on the loopback, with a certificate of its own, made by openssl. */
export class TlsFront {
  readonly endpoint: string;
  /** For NODE_EXTRA_CA_CERTS. */
  readonly certificate: string;
  readonly #server: tls.Server;
  readonly #directory: string;

  static async start(behind: string): Promise<TlsFront> {
    const directory = mkdtempSync(path.join(tmpdir(), 'lockstep-tls-'));
    const [key, certificate] = [path.join(directory, 'key.pem'), path.join(directory, 'certificate.pem')];
    const made = [
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost',
      '-days',
      '2',
      '-nodes',
    ];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
    const files = ['-keyout', key, '-out', certificate];
    execFileSync('openssl', ['req', '-x509', ...curve, ...made, ...files], { stdio: 'pipe' });
    const { port, hostname } = new URL(behind);
    const options = { key: readFileSync(key), cert: readFileSync(certificate) };
    const server = tls.createServer(options, (client) => {
      const inner = connect(Number(port), hostname);
      client.pipe(inner).pipe(client);
      const end = () => {
        client.destroy();
        inner.destroy();
      };
      for (const socket of [client, inner]) socket.on('error', end).on('close', end);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TlsFront(server, directory, certificate);
  }

  private constructor(server: tls.Server, directory: string, certificate: string) {
    this.#server = server;
    this.#directory = directory;
    this.certificate = certificate;
    this.endpoint = `https://localhost:${(server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
