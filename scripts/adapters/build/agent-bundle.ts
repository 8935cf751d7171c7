import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { sha256 } from '../../domain/canonical.ts';
import { errored } from '../../domain/errors.ts';

export type AgentBundle = { bytes: Uint8Array; sha256: string };

/**
 * zod carries its messages in fifty languages: two fifths of the bundle, to be read at the start of every
 * verb.
 */
const englishOnly: Plugin = {
  name: 'english-only',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[/\\]zod[/\\]v4[/\\]locales[/\\]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

/**
 * The host agent as one file that needs nothing but Node 24. The same sources give the same bytes on every
 * machine.
 */
export async function bundleAgent(): Promise<AgentBundle> {
  const root = path.resolve(import.meta.dirname, '../../..');
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['scripts/host/agent.ts'],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Modules of packages before their CommonJS twins: of those nothing that is unused can be left out.
    mainFields: ['module', 'main'],
    minify: true,
    keepNames: true,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'silent',
    plugins: [englishOnly],
  });
  const [file] = outputFiles;
  if (file === undefined) throw errored('esbuild made no bundle of the host agent');
  return { bytes: file.contents, sha256: sha256(file.contents) };
}
