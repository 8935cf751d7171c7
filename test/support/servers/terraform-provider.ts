import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

const source = 'registry.terraform.io/hashicorp/aws';

/**
 * A directory on this machine that holds the provider as Terraform lays it out: one that Terraform is told of
 * by its own configuration, as a mirror or as the cache of its plugins, or looks into by itself. Undefined:
 * only the network has it.
 */
export function findProviderMirror(version: string, environment: Environment): string | undefined {
  const { HOME: home = '/', LOCKSTEP_TF_MIRROR: given, TF_PLUGIN_CACHE_DIR: cache } = environment;
  const dataHome = environment.XDG_DATA_HOME || path.join(home, '.local/share');
  const dataDirectories = (environment.XDG_DATA_DIRS || '/usr/local/share:/usr/share').split(':');
  const places = [
    ...(given === undefined ? [] : [given]),
    ...configured(environment),
    ...(cache === undefined ? [] : [cache]),
    path.join(home, '.terraform.d/plugins'),
    path.join(home, '.terraform.d/plugin-cache'),
    ...[dataHome, ...dataDirectories].map((each) => path.join(each, 'terraform/plugins')),
  ].map((place) => place.replace(/^~(?=\/)/, home));
  return places.find((place) => holds(place, version));
}

/** The line that names one by hand. */
export function mirrorLine(version: string): string {
  return `LOCKSTEP_TF_MIRROR=DIR npm run test:provider, where DIR holds ${source}/${version}/${platform()} (\`terraform providers mirror DIR\` makes one)`;
}

/** Paths that Terraform's own configuration names. */
function configured({ TF_CLI_CONFIG_FILE: own, HOME: home = '/' }: Environment): string[] {
  const file = own ?? path.join(home, '.terraformrc');
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8').replaceAll(/^\s*(#|\/\/).*$/gm, '');
  const mirrors = text.matchAll(/filesystem_mirror\s*\{[^}]*?\bpath\s*=\s*"([^"]+)"/g);
  const caches = text.matchAll(/^\s*plugin_cache_dir\s*=\s*"([^"]+)"/gm);
  return [...mirrors, ...caches].map(([, place = '']) => place.replaceAll(/\$HOME\b|\$\{HOME\}/g, home));
}

/** Unpacked, or the archive that `terraform providers mirror` fetches. */
function holds(place: string, version: string): boolean {
  const archive = `terraform-provider-aws_${version}_${platform()}.zip`;
  return [path.join(version, platform()), archive].some((each) => existsSync(path.join(place, source, each)));
}

/** In Terraform's words. */
function platform(): string {
  return `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;
}
