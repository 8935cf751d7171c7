import { Listr, ListrLogger, ListrLogLevels, PRESET_TIMER, ProcessOutput } from 'listr2';
import type { Reporter } from '../../workflows/ports/reporter.ts';

/**
 * Progress for a person on one stream (standard error, so that standard output stays the answer): a line when a step
 * begins, its notes as they come, a line with its time when it ends. Lines, not a redrawn screen: steps of several
 * hosts run at once, and a CI log shows the same. listr2 colours only a terminal and respects NO_COLOR.
 */
export function terminalReporter(stream: NodeJS.WritableStream): Reporter {
  // listr2 asks for a terminal's stream and only ever writes to it.
  const output = stream as NodeJS.WriteStream;
  const logger = new ListrLogger<ListrLogLevels>({
    processOutput: new ProcessOutput(output, output),
    toStderr: Object.values(ListrLogLevels),
  });
  return {
    async step(title, work) {
      const done = Promise.withResolvers<Awaited<ReturnType<typeof work>>>();
      const task = {
        title,
        task: async (_context: unknown, wrapper: { output: string }) => {
          done.resolve(
            await work((text) => {
              wrapper.output = text;
            }),
          );
        },
      };
      await new Listr([task], {
        renderer: 'simple',
        fallbackRenderer: 'simple',
        registerSignalListeners: false,
        rendererOptions: { logger, timer: PRESET_TIMER },
      }).run();
      return done.promise;
    },
    info: (text) => void stream.write(`${text}\n`),
    warn: (text) => void stream.write(`warning: ${text}\n`),
  };
}
