import { createRequire } from 'node:module';

/** The copies of gRPC and protobuf that Pulumi's own servers use: messages of any other copy are refused. */
const require = createRequire(createRequire(import.meta.url).resolve('@pulumi/pulumi/package.json'));
const { credentials } = require('@grpc/grpc-js') as typeof import('@grpc/grpc-js');
const { Struct } = require('google-protobuf/google/protobuf/struct_pb.js') as StructModule;

type StructModule = typeof import('google-protobuf/google/protobuf/struct_pb.js');

/** Properties as they travel. */
export function structOf(values: Readonly<Record<string, unknown>>) {
  return Struct.fromJavaScript(values as Parameters<typeof Struct.fromJavaScript>[0]);
}

export const insecure = () => credentials.createInsecure();

/** What the engine sends for a text that only the update will know (`unknownStringValue` of @pulumi/pulumi). */
export const unknownText = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

type Answered<Answer> = (error: Error | null, answer: Answer) => void;

/** One call as a promise. */
export function ask<Answer>(call: (answered: Answered<Answer>) => unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    call((error, answer) => (error === null ? resolve(answer) : reject(error)));
  });
}
