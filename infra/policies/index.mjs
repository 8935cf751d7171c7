// The engine requires a pack through ts-node, which refuses TypeScript in an ESM package. From a plain module
// on, Node itself runs the TypeScript.
import './pack.ts';
