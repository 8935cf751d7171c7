import type { Reporter } from '../workflows/ports.ts';

export type TerminalReporterOptions = {
  stream: NodeJS.WriteStream;
  environment: Readonly<Record<string, string | undefined>>;
};

/** Progress for a person: one line a step on standard error, with its time. */
export function terminalReporter({ stream }: TerminalReporterOptions): Reporter {
  return {
    async step(title, work) {
      stream.write(`${title}\n`);
      return work((text) => stream.write(`  ${text}\n`));
    },
    info: (text) => void stream.write(`${text}\n`),
    warn: (text) => void stream.write(`warning: ${text}\n`),
  };
}
