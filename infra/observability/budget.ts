import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { physicalName } from '../stack/naming.ts';
import type { SharedSettings, Stack } from '../stack/stack.ts';

export type BudgetArgs = {
  stack: Stack;
  settings: SharedSettings['budget'];
  topicArn: pulumi.Input<string>;
  /** The tag of `stack.tags` whose value is this environment's alone. It has to be switched on for cost allocation once. */
  costTag: string;
};

/**
 * Says so when a month becomes dearer than thought: at 80 % of what is foreseen, and at 100 % of what is spent. It stops
 * nothing. Budgets are the account's: the tag keeps environments of one account apart. Replaced by a change of name; it
 * holds no data of ours.
 */
export class Budget extends pulumi.ComponentResource {
  constructor(name: string, args: BudgetArgs, options?: pulumi.ComponentResourceOptions) {
    super('lockstep:infra:Budget', name, {}, options);
    const { stack, settings, topicArn, costTag } = args;
    if (settings.monthlyUsd !== null) {
      const value = stack.tags[costTag];
      if (value === undefined) throw new TypeError(`budget: the tags of the environment lack ${costTag}`);
      const notify = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
        notificationType,
        threshold,
        thresholdType: 'PERCENTAGE',
        comparisonOperator: 'GREATER_THAN',
        subscriberSnsTopicArns: [topicArn],
      });
      new aws.budgets.Budget(
        `${name}-monthly`,
        {
          name: physicalName(stack, 'monthly', 100),
          budgetType: 'COST',
          timeUnit: 'MONTHLY',
          limitAmount: String(settings.monthlyUsd),
          limitUnit: 'USD',
          costFilters: [{ name: 'TagKeyValue', values: [`user:${costTag}$${value}`] }],
          notifications: [notify('FORECASTED', 80), notify('ACTUAL', 100)],
          tags: stack.tags,
        },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}
