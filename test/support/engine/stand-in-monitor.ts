import engineRpc from '@pulumi/pulumi/proto/engine_grpc_pb.js';
import engine from '@pulumi/pulumi/proto/engine_pb.js';
import plugin from '@pulumi/pulumi/proto/plugin_pb.js';
import providerRpc from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import provider from '@pulumi/pulumi/proto/provider_pb.js';
import monitorRpc from '@pulumi/pulumi/proto/resource_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/resource_pb.js';
import { ask, insecure, listen, nothing, structOf } from '../servers/pulumi-grpc.ts';

type Call<Request> = { request: Request };
type Answer = (error: Error | null, answer?: unknown) => void;

/** What the real engine has told programs of this SDK for years. */
const features = new Set(['secrets', 'resourceReferences', 'outputValues', 'aliasSpecs', 'deletedWith']);

/**
 * What a program and a provider see of an engine that creates an empty stack: each registration goes to the
 * provider over the wire, and its answer comes back. No state, no diff, no preview, no order of deletion:
 * those are the engine's own.
 */
export async function startMonitor(stack: string, providerPort: number) {
  const client = new providerRpc.ResourceProviderClient(`127.0.0.1:${providerPort}`, insecure());
  const urns: string[] = [];
  const complaints: string[] = [];
  const refused = new AbortController();
  let outputs: unknown;

  const answerOf = async (
    request: messages.RegisterResourceRequest,
  ): Promise<messages.RegisterResourceResponse> => {
    const [type, name] = [request.getType(), request.getName()];
    const answer = new messages.RegisterResourceResponse();
    if (request.getRemote()) {
      const made = await ask<provider.ConstructResponse>((done) =>
        client.construct(constructOf(request), done),
      );
      return answer.setUrn(made.getUrn()).setObject(made.getState());
    }
    const urn = urnOf(stack, type, name, request.getParent());
    if (urns.includes(urn)) throw new Error(`${urn} is registered twice`);
    urns.push(urn);
    answer.setUrn(urn).setObject(request.getObject());
    if (!request.getCustom()) return answer;
    if (type.startsWith('pulumi:')) return answer.setId(`${name}-id`);
    const news = request.getObject();
    const check = new provider.CheckRequest().setUrn(urn).setOlds(structOf({})).setNews(news);
    const checked = await ask<provider.CheckResponse>((done) => client.check(check, done));
    for (const failure of checked.getFailuresList()) complaints.push(`${urn}: ${failure.getReason()}`);
    const create = new provider.CreateRequest().setUrn(urn).setProperties(checked.getInputs());
    const created = await ask<provider.CreateResponse>((done) => client.create(create, done));
    return answer.setId(created.getId()).setObject(created.getProperties());
  };

  const constructOf = (request: messages.RegisterResourceRequest) => {
    const construct = new provider.ConstructRequest();
    construct.setProject('lockstep').setStack(stack).setParallel(1).setMonitorendpoint(server.address);
    construct.setType(request.getType()).setName(request.getName()).setParent(request.getParent());
    construct.setInputs(request.getObject());
    request.getProvidersMap().forEach((reference, name) => {
      construct.getProvidersMap().set(name, reference);
    });
    return construct;
  };

  const monitor = {
    supportsFeature: ({ request }: Call<messages.SupportsFeatureRequest>, done: Answer) =>
      done(null, new messages.SupportsFeatureResponse().setHassupport(features.has(request.getId()))),
    registerResource: ({ request }: Call<messages.RegisterResourceRequest>, done: Answer) => {
      answerOf(request).then(
        (answer) => done(null, answer),
        (error: Error) => {
          complaints.push(`${request.getName()}: ${error.message}`);
          refused.abort();
          done(error);
        },
      );
    },
    registerResourceOutputs: ({ request }: Call<messages.RegisterResourceOutputsRequest>, done: Answer) => {
      if (request.getUrn().includes('::pulumi:pulumi:Stack::'))
        outputs = request.getOutputs()?.toJavaScript();
      done(null, nothing());
    },
    signalAndWaitForShutdown: (_: unknown, done: Answer) => done(null, nothing()),
  };
  let rootUrn = '';
  const host = {
    log: ({ request }: Call<engine.LogRequest>, done: Answer) => {
      if (request.getSeverity() >= engine.LogSeverity.WARNING) complaints.push(request.getMessage());
      done(null, nothing());
    },
    getRootResource: (_: unknown, done: Answer) =>
      done(null, new engine.GetRootResourceResponse().setUrn(rootUrn)),
    setRootResource: ({ request }: Call<engine.SetRootResourceRequest>, done: Answer) => {
      rootUrn = request.getUrn();
      done(null, new engine.SetRootResourceResponse());
    },
  };
  const server = await listen([monitorRpc.ResourceMonitorService, monitor], [engineRpc.EngineService, host]);
  await ask((done) => client.attach(new plugin.PluginAttach().setAddress(server.address), done));
  return {
    address: server.address,
    /** Aborted at the first refusal: the engine would end the program then. */
    refused: refused.signal,
    seen: () => ({ urns: [...urns], complaints: [...complaints], outputs }),
    stop: () => {
      client.close();
      server.stop();
    },
  };
}

/** As the engine makes them: the types of all parents but the stack, then the type, then the name. */
function urnOf(stack: string, type: string, name: string, parent: string): string {
  const above = parent.split('::')[2] ?? '';
  const chain = above === '' || above === 'pulumi:pulumi:Stack' ? type : `${above}$${type}`;
  return `urn:pulumi:${stack}::lockstep::${chain}::${name}`;
}
