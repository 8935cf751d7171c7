import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { environmentTag, physicalName } from '../stack/naming.ts';
import type { SharedSettings, Stack } from '../stack/stack.ts';
import type { Observability } from './observability.ts';

export type BudgetArgs = {
  stack: Stack;
  settings: SharedSettings['budget'];
  observability: Pick<Observability, 'topicArn'>;
};

/**
 * Raises the alarm when a month costs more than planned: at 80 % forecast and at 100 % spent. It stops
 * nothing. Budgets are the account's: the tag keeps environments of one account apart, once it is activated
 * for cost allocation. Replaced by a change of name; it holds no data of ours.
 */
export class Budget extends pulumi.ComponentResource {
  constructor(name: string, args: BudgetArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:Budget', name, {}, options);
    const { stack, settings, observability } = args;
    if (settings.monthlyUsd !== null) {
      const notify = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
        notificationType,
        threshold,
        thresholdType: 'PERCENTAGE',
        comparisonOperator: 'GREATER_THAN',
        subscriberSnsTopicArns: [observability.topicArn],
      });
      new aws.budgets.Budget(
        `${name}-monthly`,
        {
          name: physicalName(stack, 'monthly', 100),
          budgetType: 'COST',
          timeUnit: 'MONTHLY',
          limitAmount: String(settings.monthlyUsd),
          limitUnit: 'USD',
          costFilters: [{ name: 'TagKeyValue', values: [`user:${environmentTag}$${stack.environment}`] }],
          notifications: [notify('FORECASTED', 80), notify('ACTUAL', 100)],
          tags: stack.tags,
        },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}
