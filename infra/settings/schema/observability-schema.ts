import { z } from 'zod';
import { logDays } from './network-schema.ts';

export const observabilitySchema = z
  .strictObject({
    email: z
      .boolean()
      .default(true)
      .describe(
        'Whether alarms are mailed to `identity.alarmAddress`. Its owner must confirm a first mail, or none arrive.',
      ),
    logDays: logDays
      .default(90)
      .describe('Days that the logs of services, hosts and model are kept in CloudWatch Logs.'),
    serverErrors: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10)
      .describe('Answers with a status of 500 or more within five minutes that raise the alarm.'),
    latencySeconds: z
      .number()
      .min(0.05)
      .max(4_000)
      .default(5)
      .describe('Seconds that one answer in twenty (95th percentile) may exceed before the alarm is raised.'),
    memoryPercent: z
      .int()
      .min(10)
      .max(99)
      .default(85)
      .describe('Used memory of a host, in percent, that raises the alarm.'),
    diskPercent: z
      .int()
      .min(10)
      .max(99)
      .default(85)
      .describe('Used disk of a host, in percent, that raises the alarm.'),
    certificateDays: z
      .int()
      .min(1)
      .max(60)
      .default(21)
      .describe(
        'Days before the certificate expires on which the alarm is raised. ACM renews earlier by itself: ringing means that it could not.',
      ),
  })
  .describe('Logs, alarms and the dashboard.');

export const budgetSchema = z
  .strictObject({
    monthlyUsd: z.int().min(1).max(10_000_000).nullable().default(null).meta({
      description:
        'US dollars a month for this environment. The alarm is raised at 80 % forecast and 100 % spent; nothing is stopped.',
      unset: 'no budget',
    }),
  })
  .describe('The monthly budget.');
