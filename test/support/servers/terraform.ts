import { execFile, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { providerVersion, type TerraformConfig } from '../../provider-check/terraform-config.ts';
import { findProviderMirror, mirrorLine } from './terraform-provider.ts';

/** What Terraform says of a configuration; `file` is where the fault stands. */
export type Diagnostic = {
  severity: 'error' | 'warning';
  address: string | null;
  file: string | null;
  message: string;
};

export type Applied = { addresses: readonly string[]; diagnostics: readonly Diagnostic[] };

type RawDiagnostic = {
  severity: 'error' | 'warning';
  summary: string;
  detail?: string;
  address?: string;
  range?: { filename: string };
};
type Event = {
  type?: string;
  hook?: { resource: { addr: string }; action?: string };
  change?: { resource: { addr: string } };
  diagnostic?: RawDiagnostic;
};

/** Printed line by line, a plan of three hundred resources is some megabytes. */
const outputBytes = 256 * 1024 * 1024;
const installed = `.terraform/providers/registry.terraform.io/hashicorp/aws/${providerVersion}`;

/**
 * Terraform with the AWS provider, in a temporary directory. The provider is taken from this machine where
 * Terraform's configuration names a place that has it, or LOCKSTEP_TF_MIRROR; else Terraform fetches it.
 */
export class Terraform {
  readonly directory: string;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(directory: string, environment: NodeJS.ProcessEnv) {
    this.directory = directory;
    this.#environment = environment;
  }

  /** Installs the provider, or says in words for the name of a skipped test why it can't be had. */
  static install(): Terraform | { why: string } {
    if (process.env.LOCKSTEP_PROVIDER_TESTS !== '1') return { why: 'takes minutes: npm run test:provider' };
    if (spawnSync('terraform', ['version']).error !== undefined)
      return { why: 'needs terraform on the PATH' };
    const directory = mkdtempSync(path.join(tmpdir(), 'lockstep-terraform-'));
    const mirror = findProviderMirror(providerVersion, process.env);
    const environment: NodeJS.ProcessEnv = { ...process.env, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
    if (mirror !== undefined) {
      const text = `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`;
      environment.TF_CLI_CONFIG_FILE = write(directory, 'mirror.tfrc', text);
    }
    const aws = { source: 'hashicorp/aws', version: providerVersion };
    write(directory, 'main.tf.json', JSON.stringify({ terraform: { required_providers: { aws } } }));
    const { status, stdout, stderr } = spawnSync('terraform', ['init', '-input=false', '-no-color'], {
      cwd: directory,
      env: environment,
      encoding: 'utf8',
    });
    if (status === 0) return new Terraform(directory, environment);
    rmSync(directory, { recursive: true });
    const words = `${stdout}\n${stderr}`.match(/Error: .*/)?.[0] ?? 'terraform init failed';
    return {
      why: `needs the provider hashicorp/aws ${providerVersion}: ${mirrorLine(providerVersion)}. ${words}`,
    };
  }

  /** What the provider says of itself, as JSON: some 14 MB. */
  async schema(): Promise<string> {
    return (await this.#run(this.directory, ['providers', 'schema', '-json'], {})).stdout;
  }

  /**
   * A directory of its own, which uses what is installed already. Files by name, `module/name` for those of
   * modules.
   */
  workspace(name: string, files: Readonly<Record<string, TerraformConfig>>): string {
    const directory = path.join(this.directory, name);
    mkdirSync(directory);
    copyFileSync(
      path.join(this.directory, '.terraform.lock.hcl'),
      path.join(directory, '.terraform.lock.hcl'),
    );
    this.rewrite(directory, files);
    const { status, stderr } = spawnSync('terraform', ['get', '-no-color'], {
      cwd: directory,
      env: this.#environment,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`terraform get: ${stderr}`);
    return directory;
  }

  /** Puts files in the place of those of the same name; the state stays. */
  rewrite(directory: string, files: Readonly<Record<string, TerraformConfig>>): void {
    for (const [file, config] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
      write(directory, `${file}.tf.json`, JSON.stringify(config));
    }
  }

  /** What can be told without a plan: the provider's own checks of single values. */
  async validate(directory: string): Promise<readonly Diagnostic[]> {
    const { stdout } = await this.#run(directory, ['validate', '-json'], {});
    return (JSON.parse(stdout) as { diagnostics: RawDiagnostic[] }).diagnostics.map(diagnosticOf);
  }

  /**
   * Addresses that would be made or changed; the plan itself is kept for {@link apply}. What is made already
   * is believed.
   */
  async plan(directory: string, endpoint: string): Promise<Applied> {
    const command = ['plan', '-input=false', '-json', '-refresh=false', '-out=plan'];
    const { stdout } = await this.#run(directory, command, { AWS_ENDPOINT_URL: endpoint });
    return said(stdout, 'planned_change', ({ change }) => change?.resource.addr);
  }

  /** Goes on past what fails, as Terraform does: only what waits for it is left out. */
  async apply(directory: string, endpoint: string): Promise<Applied> {
    const command = ['apply', '-input=false', '-json', '-parallelism=20', 'plan'];
    const { stdout } = await this.#run(directory, command, { AWS_ENDPOINT_URL: endpoint });
    return said(stdout, 'apply_complete', ({ hook }) =>
      hook?.action === 'delete' ? undefined : hook?.resource.addr,
    );
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #run(cwd: string, command: readonly string[], more: NodeJS.ProcessEnv): Promise<{ stdout: string }> {
    const env = { ...this.#environment, TF_CLI_CONFIG_FILE: this.#overrides(), ...more };
    try {
      return await promisify(execFile)('terraform', command, { cwd, env, maxBuffer: outputBytes });
    } catch (error) {
      // What it found is in the output; an end without any is the machinery's.
      const { stdout } = error as { stdout?: string };
      if (stdout !== undefined && stdout !== '') return { stdout };
      throw error;
    }
  }

  /**
   * After `init` the installed binary is used as it is: without this each command hashes its 700 MB again.
   */
  #overrides(): string {
    const from = path.join(this.directory, installed);
    const [platform = ''] = readdirSync(from);
    const text = `provider_installation {\n  dev_overrides {\n    "hashicorp/aws" = ${JSON.stringify(path.join(from, platform))}\n  }\n  direct {}\n}\n`;
    return write(this.directory, 'installed.tfrc', text);
  }
}

function write(directory: string, name: string, text: string): string {
  const file = path.join(directory, name);
  writeFileSync(file, text);
  return file;
}

function said(output: string, type: string, addressOf: (event: Event) => string | undefined): Applied {
  const events = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Event);
  return {
    addresses: events.filter((event) => event.type === type).flatMap((event) => addressOf(event) ?? []),
    diagnostics: events.flatMap(({ diagnostic }) =>
      diagnostic === undefined ? [] : [diagnosticOf(diagnostic)],
    ),
  };
}

function diagnosticOf({ severity, address, range, summary, detail = '' }: RawDiagnostic): Diagnostic {
  const message = detail === '' ? summary : `${summary}: ${detail}`;
  return { severity, address: address ?? null, file: range?.filename ?? null, message };
}
