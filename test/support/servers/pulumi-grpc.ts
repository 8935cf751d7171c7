import { createRequire } from 'node:module';

/** The copies of gRPC and protobuf that Pulumi's own servers use: messages of any other copy are refused. */
const require = createRequire(createRequire(import.meta.url).resolve('@pulumi/pulumi/package.json'));
const grpc = require('@grpc/grpc-js') as typeof import('@grpc/grpc-js');
const { Empty } = require('google-protobuf/google/protobuf/empty_pb.js') as EmptyModule;
const { Struct } = require('google-protobuf/google/protobuf/struct_pb.js') as StructModule;

type EmptyModule = typeof import('google-protobuf/google/protobuf/empty_pb.js');
type StructModule = typeof import('google-protobuf/google/protobuf/struct_pb.js');

/** Properties as they travel. */
export function structOf(values: Readonly<Record<string, unknown>>) {
  return Struct.fromJavaScript(values as Parameters<typeof Struct.fromJavaScript>[0]);
}

export const nothing = () => new Empty();

export const insecure = () => grpc.credentials.createInsecure();

type Server = InstanceType<typeof grpc.Server>;
type Service = Parameters<Server['addService']>;

/** Serves on a free port of this machine. */
export async function listen(...services: Service[]): Promise<{ address: string; stop: () => void }> {
  const server = new grpc.Server({ 'grpc.max_receive_message_length': 100 * 1024 * 1024 });
  for (const service of services) server.addService(...service);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}

/**
 * What the engine sends for a text that only the update will know (`unknownStringValue` of @pulumi/pulumi).
 */
export const unknownText = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

type Answered<Answer> = (error: Error | null, answer: Answer) => void;

/** One call as a promise. */
export function ask<Answer>(call: (answered: Answered<Answer>) => unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    call((error, answer) => (error === null ? resolve(answer) : reject(error)));
  });
}
