import * as pulumi from '@pulumi/pulumi';
import { stubProvider } from './stub-provider.ts';

/** A process of its own, which prints its port; the engine attaches to it by `PULUMI_DEBUG_PROVIDERS`. */
await pulumi.provider.main(stubProvider, process.argv.slice(2));
