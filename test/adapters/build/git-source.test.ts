import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GitSource } from '../../../scripts/adapters/build/git-source.ts';
import { AppRepository, appYaml } from '../../support/apps/app-repository.ts';

let repository: AppRepository;
beforeEach(async () => {
  repository = await AppRepository.create({ 'lockstep.yaml': appYaml() });
  await repository.commit({ 'more.txt': 'more' }, 'v2');
});
afterEach(() => repository.remove());

const resolve = (tag: string) => new GitSource(repository.app, process.env).resolve(tag);

describe('a tag', () => {
  it('is found by its own name, light or annotated', async () => {
    repository.git('tag', '--annotate', '--message', 'second', 'annotated');
    const [commit] = repository.git('rev-parse', 'HEAD').split('\n');
    expect(await resolve('v2')).toMatchObject({ tag: 'v2', commit });
    expect(await resolve('annotated')).toMatchObject({ tag: 'annotated', commit });
  });

  it.each(['v2~1', 'v2^', 'v2^{commit}', 'v2@{0}', 'v*', '../heads/main', ''])(
    'is not what git could resolve to a commit otherwise: %j, and nobody is told to tag with such a name',
    async (name) => {
      const error = await resolve(name).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        kind: 'refused',
        message: expect.stringContaining('there is no tag'),
        details: [expect.stringContaining('v2')],
        fix: expect.not.stringContaining('git tag'),
      });
    },
  );

  it('that is missing is told how to be made', async () => {
    await expect(resolve('v9')).rejects.toMatchObject({ fix: expect.stringContaining('`git tag v9`') });
  });

  it('of something else than a commit is refused as that', async () => {
    repository.git('tag', 'text', 'HEAD:lockstep.yaml');
    await expect(resolve('text')).rejects.toMatchObject({
      kind: 'refused',
      message: 'the tag text does not name a commit',
    });
  });
});
