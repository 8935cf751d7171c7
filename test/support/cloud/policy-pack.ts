import { createRequire } from 'node:module';
import path from 'node:path';
import rpc from '@pulumi/pulumi/proto/analyzer_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/analyzer_pb.js';
import type { Declared } from '../../../infra/policies/rule/declared.ts';
import { serve } from '../engine/served.ts';
import { ask, insecure, structOf } from '../servers/pulumi-grpc.ts';

const directory = path.join(import.meta.dirname, '../../../infra/policies');

export type Diagnostic = { policy: string; message: string; urn: string; mandatory: boolean };

/** The pack as a process of its own, started by the very module that the engine's analyzer plugin starts. */
export async function startPolicyPack() {
  const starter = createRequire(import.meta.url).resolve('@pulumi/pulumi/cmd/run-policy-pack');
  // The address of an engine, which the pack would only log to.
  const pack = await serve([starter, '127.0.0.1:1', '.'], directory);
  const client = new rpc.AnalyzerClient(`127.0.0.1:${pack.port}`, insecure());
  return {
    analyze: async (resource: Declared): Promise<Diagnostic[]> => {
      const request = new messages.AnalyzeRequest();
      request.setType(resource.type).setUrn(resource.id).setName(resource.name);
      request.setProperties(structOf(resource.props)).setOptions(optionsOf(resource));
      const answer = await ask<messages.AnalyzeResponse>((done) => client.analyze(request, done));
      return answer.getDiagnosticsList().map(diagnosticOf);
    },
    analyzeStack: async (stack: readonly Declared[]): Promise<Diagnostic[]> => {
      const request = new messages.AnalyzeStackRequest();
      request.setResourcesList(stack.map(stackResourceOf));
      const answer = await ask<messages.AnalyzeResponse>((done) => client.analyzeStack(request, done));
      return answer.getDiagnosticsList().map(diagnosticOf);
    },
    stop: async () => {
      client.close();
      await pack.stop();
    },
  };
}

function optionsOf({ protect }: Declared) {
  return new messages.AnalyzerResourceOptions().setProtect(protect);
}

function stackResourceOf(resource: Declared) {
  const message = new messages.AnalyzerResource();
  message.setType(resource.type).setUrn(resource.id).setName(resource.name);
  message.setProperties(structOf(resource.props)).setOptions(optionsOf(resource));
  for (const [input, urns] of Object.entries(resource.references)) {
    const targets = new messages.AnalyzerPropertyDependencies().setUrnsList([...urns]);
    message.getPropertydependenciesMap().set(input, targets);
  }
  return message;
}

function diagnosticOf(diagnostic: messages.AnalyzeDiagnostic): Diagnostic {
  return {
    policy: diagnostic.getPolicyname(),
    message: diagnostic.getMessage(),
    urn: diagnostic.getUrn(),
    mandatory: diagnostic.getEnforcementlevel() === messages.EnforcementLevel.MANDATORY,
  };
}
