import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { table } from '../../scripts/console/table.ts';
import type { Graph } from '../../scripts/domain/plan/graph.ts';
import { standInForVpcs } from '../../scripts/workflows/plan/vpc-stand-in.ts';
import { skippedBecause } from '../support/run/skipped-because.ts';
import { Ministack, whyNoMinistack } from '../support/servers/ministack.ts';
import { type Diagnostic, Terraform } from '../support/servers/terraform.ts';
import { addressesOf, carryOut, errorsOf, filesOf, lostAnswer } from './carry-out.ts';
import { emulatorLimits, limitOf } from './emulator-limits.ts';
import { exceptions } from './exceptions.ts';
import { recordGraphs } from './graphs.ts';
import { outcomeByType, totalOf } from './outcome.ts';
import { type ProviderSchema, parseProviderSchema } from './provider-schema.ts';
import { renderTable, tableFile, typesOf } from './provider-table.ts';
import { renderProviders, renderResources } from './terraform-config.ts';
import { type TerraformResource, type Translation, translate } from './translate.ts';
import { alone, reachedBy, refusalsOf, titleOf } from './wrong-value-cases.ts';
import { wrongValues } from './wrong-values.ts';

/**
 * What the program declares, handed to the real AWS provider of Terraform, the same that lies under Pulumi's
 * (a major version older), and applied to an emulator. Not proved here: what AWS itself refuses, what the
 * provider learnt in its next version, and what the remote component awsx.ec2.Vpc makes (its children are our
 * own stand-in).
 */
const prepared = prepare();

/** Bounds against hanging: on a busy machine the provider takes its time. */
const longestMilliseconds = 3_600_000;

describe('the AWS provider', skippedBecause('why' in prepared ? prepared.why : null), () => {
  const tool = prepared as Terraform;
  let schema: ProviderSchema;
  let emulator: Ministack;
  const translations = new Map<string, Translation>();
  let others: Translation;
  const inProviderWords = (graph: Graph) => translate(standInForVpcs(graph), schema, exceptions);

  beforeAll(async () => {
    [emulator, schema] = await Promise.all([
      Ministack.start(),
      tool.schema().then((text) => parseProviderSchema(text)),
    ]);
    const graphs = await recordGraphs();
    for (const name of ['staging', 'production', 'foundation'] as const) {
      translations.set(name, inProviderWords(graphs[name]));
    }
    others = inProviderWords(graphs.others);
  }, longestMilliseconds);

  afterAll(async () => {
    await emulator?.stop();
    tool.remove();
  });

  test('says of itself what the committed table says of it', () => {
    const types = new Set([...translations.values(), others].flatMap(typesOf));
    const table = renderTable(schema, types);
    if (process.env.UPDATE_PROVIDER_TABLE === '1') writeFileSync(tableFile, table);
    expect(readFileSync(tableFile, 'utf8')).toBe(table);
  });

  test(
    'takes all of every stack and of the foundation; an emulator makes what it can',
    async () => {
      let done = await carryOut(tool, emulator, translations, 'all');
      if (lostAnswer(done)) {
        await emulator.stop();
        emulator = await Ministack.start();
        done = await carryOut(tool, emulator, translations, 'all-again');
      }
      const { planned, whole, rest } = done;
      const all = addressesOf(translations);
      const applied = [new Set(whole.addresses), new Set(rest.addresses)] as const;
      const outcomes = outcomeByType(all, ...applied, emulatorLimits);
      console.log(renderOutcomes([...outcomes, totalOf(outcomes)]));

      expect(errorsOf(planned.diagnostics)).toEqual([]);
      expect(planned.addresses.toSorted()).toEqual(all.toSorted());
      const refusals = errorsOf([...whole.diagnostics, ...rest.diagnostics]);
      const met = new Map(refusals.map((refusal) => [refusal, limitOf(refusal, emulatorLimits)]));
      expect(refusals.filter((refusal) => met.get(refusal) === undefined)).toEqual([]);
      expect(emulatorLimits.filter((limit) => ![...met.values()].includes(limit))).toEqual([]);
      const impossible = emulatorLimits.filter(({ without }) => without.length === 0).map(({ type }) => type);
      expect(outcomes.filter(({ notPossible }) => notPossible > 0).map(({ type }) => type)).toEqual(
        impossible,
      );
    },
    longestMilliseconds,
  );

  describe('wrong values', () => {
    const said = new Map<string, readonly string[]>();
    let plannedOthers = 0;

    beforeAll(async () => {
      const cases = new Map<string, readonly TerraformResource[]>();
      const recorded = new Map<string, ReadonlyMap<string, TerraformResource>>();
      const right: TerraformResource[] = [];
      for (const [index, wrong] of wrongValues.entries()) {
        const { changed, before } = await reachedBy(wrong, inProviderWords, recorded);
        cases.set(`case-${index}`, changed);
        right.push(...before);
      }
      const file = (resources: readonly TerraformResource[], prefix: string) =>
        renderResources(resources.map((resource) => alone(resource, prefix)));
      const files = Object.fromEntries(
        [...cases].map(([name, resources]) => [name, file(resources, `${name}-`)]),
      );
      const distinct = [...new Map(right.map((resource) => [JSON.stringify(resource), resource])).values()];
      const control = Object.fromEntries(
        distinct.map((resource, index) => [`right-${index}`, file([resource], `right-${index}-`)]),
      );
      const provider = { alias: 'alone', body: { region: 'eu-central-1' } };
      const settings = {
        ...renderProviders([provider]),
        resource: { terraform_data: { elsewhere: {} } },
      };
      const directory = tool.workspace('wrong', {
        ...filesOf(new Map([['others', others]]), (resource) => resource),
        settings,
        ...control,
        ...files,
      });
      const remember = (diagnostics: readonly Diagnostic[]) => {
        for (const { file: where, message } of errorsOf(diagnostics)) {
          const name = where?.replace(/\.tf\.json$/, '') ?? 'nowhere';
          said.set(name, [...(said.get(name) ?? []), message]);
        }
      };
      remember(await tool.validate(directory));
      // A plan says nothing more while single values are wrong.
      tool.rewrite(directory, Object.fromEntries([...said.keys()].map((name) => [name, {}])));
      const { addresses, diagnostics } = await tool.plan(directory, emulator.endpoint);
      remember(diagnostics);
      plannedOthers = addresses.filter((address) => address.startsWith('module.others.')).length;
    }, longestMilliseconds);

    test('the right values in their places are taken, and all choices that neither stack makes', () => {
      expect(plannedOthers).toBe(others.resources.length);
      const refused = [...said.keys()].filter((name) => !name.startsWith('case-'));
      expect(refused.flatMap((name) => said.get(name))).toEqual([]);
    });

    test.each(wrongValues.map((wrong, index) => [titleOf(wrong), wrong, index] as const))(
      '%s',
      (_, wrong, index) => {
        expect(refusalsOf(wrong)).toContainEqual(expect.stringMatching(new RegExp(`^${wrong.path}`)));
        const words = (said.get(`case-${index}`) ?? []).join('\n');
        if ('provider' in wrong) expect(words.replaceAll(/\s+/g, ' ')).toMatch(wrong.provider);
        else expect(words).toBe('');
      },
    );
  });
});

/** Both tools, or why one of them can't be had. */
function prepare(): Terraform | { why: string } {
  const installed = Terraform.install();
  if ('why' in installed) return installed;
  const missing = whyNoMinistack();
  if (missing === null) return installed;
  installed.remove();
  return { why: missing };
}

function renderOutcomes(outcomes: ReturnType<typeof outcomeByType>): string {
  const rows = outcomes.map(({ type, planned, applied, partly, notPossible, why: reason }) => [
    type,
    ...[planned, applied, partly, notPossible].map(String),
    reason,
  ]);
  return table(['type', 'planned', 'applied', 'in part', 'not possible', 'why'], rows, false);
}
