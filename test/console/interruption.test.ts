import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { listenForInterruption, surviveLostReader } from '../../scripts/console/interruption.ts';

const launcher = path.join(import.meta.dirname, '../../scripts/lockstep.mjs');

function listening() {
  const source = new EventEmitter();
  const said: string[] = [];
  const clock = { now: 1_000_000 };
  const interruption = listenForInterruption(source, () => clock.now, {
    onFirst: () => said.push('first'),
    onSecond: () => said.push('second'),
  });
  return { source, said, clock, interruption };
}

describe('an interruption', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('is asked for by %s', (name) => {
    const { source, said, interruption } = listening();
    source.emit(name);
    expect(said).toEqual(['first']);
    expect(interruption.signal.reason).toMatchObject({ kind: 'interrupted' });
    expect(String(interruption.signal.reason)).toContain(name);
  });

  it('is one press, however many processes pass it on', () => {
    const { source, said, clock } = listening();
    source.emit('SIGINT');
    clock.now += 20;
    source.emit('SIGINT');
    clock.now += 20;
    source.emit('SIGHUP');
    expect(said).toEqual(['first']);
  });

  it('is final when it is asked for again', () => {
    const { source, said, clock } = listening();
    source.emit('SIGINT');
    clock.now += 600;
    source.emit('SIGINT');
    expect(said).toEqual(['first', 'second']);
  });

  it('leaves no listener behind', () => {
    const { source, interruption } = listening();
    interruption.end();
    expect(source.eventNames()).toEqual([]);
  });
});

describe('a lost reader', () => {
  it('does not end the work', () => {
    const stream = new PassThrough();
    surviveLostReader(stream);
    const lost: NodeJS.ErrnoException = new Error('write EPIPE');
    lost.code = 'EPIPE';
    expect(() => stream.emit('error', lost)).not.toThrow();
    expect(() => stream.emit('error', new Error('disk on fire'))).toThrow('disk on fire');
  });

  it('sees no stack trace: help into a pipe that closes at once', async () => {
    const child = spawn(process.execPath, [launcher, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk;
    });
    const [code] = await once(child, 'close');
    expect({ code, complaint }).toEqual({ code: 0, complaint: '' });
  });
});
