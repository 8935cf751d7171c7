import {
  type ChildReference,
  planVpcChildren,
  type VpcChild,
} from '../../../infra/network/ranges/vpc-children.ts';
import { failed } from '../../domain/errors.ts';
import {
  type Graph,
  type GraphResource,
  labelOf,
  mapGraph,
  token,
  type Value,
} from '../../domain/plan/graph.ts';

const remoteType = 'awsx:ec2:Vpc';

/** What the program passes to `awsx.ec2.Vpc`, as far as its children depend on it. */
type VpcInputs = {
  availabilityZoneNames: readonly string[];
  cidrBlock: string;
  natGateways: { strategy: keyof typeof strategies };
  subnetSpecs: readonly { type: 'Public' | 'Private' | 'Isolated'; cidrBlocks: readonly string[] }[];
  vpcEndpointSpecs: readonly { serviceName: string }[];
  tags: Record<string, string>;
};

const strategies = { None: 'none', Single: 'single', OnePerAz: 'per-zone' } as const;

/**
 * The graph with each `awsx.ec2.Vpc`, which no provider knows, replaced by the children that
 * `planVpcChildren` predicts. A reference to an output of the VPC becomes a reference to a child; what
 * depends on the VPC depends on all of them.
 */
export function standInForVpcs(graph: Graph): Graph {
  return graph.resources.filter(({ type }) => type === remoteType).reduce(expand, graph);
}

function expand(graph: Graph, vpc: GraphResource): Graph {
  const children = planned(vpc).map((child) => resourceOf(child, vpc, providerOf(graph, vpc)));
  const others = graph.resources.filter((resource) => resource !== vpc);
  const outputs = outputsOf(vpc);
  const labels = children.map(labelOf);
  const waiting = others.map((resource) => ({
    ...resource,
    options: Object.fromEntries(
      Object.entries(resource.options).map(([key, value]) => [
        key,
        key === 'dependencies' ? expandLabels(value, labelOf(vpc), labels) : value,
      ]),
    ),
  }));
  return mapGraph({ ...graph, resources: [...waiting, ...children] }, (text) =>
    text.replaceAll(/«[^«»]+»/g, (found) => outputs.get(found) ?? found),
  );
}

function planned({ name, inputs }: GraphResource): VpcChild[] {
  const given = inputs as unknown as VpcInputs;
  const range = (kind: string, zone: number) =>
    given.subnetSpecs.find(({ type }) => type === kind)?.cidrBlocks[zone] ?? '';
  return planVpcChildren({
    name,
    cidr: given.cidrBlock,
    subnets: given.availabilityZoneNames.map((zone, index) => ({
      zone,
      public: range('Public', index),
      private: range('Private', index),
      isolated: range('Isolated', index),
    })),
    nat: strategies[given.natGateways.strategy],
    gatewayServices: given.vpcEndpointSpecs.map(({ serviceName }) => serviceName),
    tags: given.tags,
  });
}

/** Children share their names across types; a token names no type, so here the type is part of the name. */
function uniqueName({ type, name }: { type: string; name: string }): string {
  const noun = type.split(':').at(-1) ?? '';
  return `${name}${noun.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;
}

function resourceOf(child: VpcChild, vpc: GraphResource, provider: Value | undefined): GraphResource {
  const inputs = Object.entries(child.inputs).map(([key, value]): [string, Value] => [key, pointed(value)]);
  return {
    type: child.type,
    name: uniqueName(child),
    parent: labelOf(vpc),
    custom: true,
    inputs: Object.fromEntries(inputs),
    options: provider === undefined ? {} : { provider },
  };
}

function pointed(value: VpcChild['inputs'][string]): Value {
  if (Array.isArray(value)) return value.map(referenceOf);
  return isReference(value) ? referenceOf(value) : (value as Value);
}

function isReference(value: VpcChild['inputs'][string]): value is ChildReference {
  return typeof value === 'object' && !Array.isArray(value) && 'child' in value && 'attribute' in value;
}

function referenceOf({ child, attribute }: ChildReference): string {
  return token(uniqueName(child), attribute);
}

function outputsOf(vpc: GraphResource): ReadonlyMap<string, string> {
  const id = (name: string, type: string) => token(uniqueName({ type, name }), 'id');
  const zones = (vpc.inputs as unknown as VpcInputs).availabilityZoneNames;
  const subnets = zones.flatMap((_, index) =>
    ['public', 'private', 'isolated'].map((kind): [string, string] => [
      token(vpc.name, `${kind}SubnetIds[${index}]`),
      id(`${vpc.name}-${kind}-${index + 1}`, 'aws:ec2/subnet:Subnet'),
    ]),
  );
  return new Map([[token(vpc.name, 'vpcId'), id(vpc.name, 'aws:ec2/vpc:Vpc')], ...subnets]);
}

/**
 * A remote component gets its provider from the component that contains it, as the engine passes them down.
 */
function providerOf(graph: Graph, { parent }: GraphResource): Value | undefined {
  const above = graph.resources.find((resource) => labelOf(resource) === parent);
  if (above === undefined) return undefined;
  const providers = above.options.providers as Record<string, Value> | undefined;
  return providers?.aws ?? providerOf(graph, above);
}

function expandLabels(value: Value, label: string, children: readonly string[]): Value {
  if (!Array.isArray(value)) throw failed('dependencies of a recorded resource must be a list');
  return value.flatMap((each: Value): Value[] => (each === label ? [...children] : [each]));
}
